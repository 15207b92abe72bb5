-- A duplicate names the report that it repeats: what is found about that one holds for it too, and it closes with it.

-- schema desk
alter table desk.report add column same_as blob; -- report.id; stays where it closed as a duplicate
create index desk.report_same_as on report (same_as) where same_as is not null;
