-- Of which day of a case somebody was told: told again only where the day was moved.

-- schema desk
alter table desk.case_file add column review_told bigint;
alter table desk.case_route add column appeal_told bigint;
alter table desk.case_task add column told bigint;
create index case_file_review on desk.case_file (review_due) where review_due is not null;
