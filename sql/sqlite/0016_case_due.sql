-- Of which day of a case somebody was told: told again only where the day was moved.

-- schema desk
alter table desk.case_file add column review_told integer;
alter table desk.case_route add column appeal_told integer;
alter table desk.case_task add column told integer;
create index desk.case_file_review on case_file (review_due) where review_due is not null;
