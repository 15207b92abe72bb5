-- A duplicate names the report that it repeats: what is found about that one holds for it too, and it closes with it.

-- schema desk
alter table desk.report add column same_as bytea; -- report.id; stays where it closed as a duplicate
create index report_same_as on desk.report (same_as) where same_as is not null;
