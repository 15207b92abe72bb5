-- Where what must go lies, as far as somebody knows it: in the country, abroad, or with a platform. Figures of removals are split by it.

-- schema desk
alter table desk.case_address add column hosted text not null default '' check (hosted in ('', 'here', 'abroad', 'platform'));
