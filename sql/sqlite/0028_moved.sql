-- Reports go with their case to another unit; and verdicts that wait for a second person stand in the queue.

-- schema desk
-- Which unit had it, and where it went: so that whoever looks for it there is told.
create table desk.report_moved (
    report blob not null,
    unit blob not null,               -- that had it
    to_unit blob not null,
    at integer not null,
    primary key (report, unit)
) strict;
-- Cases handed over before: their reports go after them. What lay unread there is told to the unit that has the case.
insert into desk.report_moved (report, unit, to_unit, at) select r.id, r.unit, f.owner, f.opened from desk.report r
    join desk.case_report c on c.report = r.id join desk.case_file f on f.id = c.case_id where r.unit <> f.owner and r.shredded is null;
update desk.report set unit = (select m.to_unit from desk.report_moved m where m.report = report.id), taken_by = null, taken_at = null,
    message_climbed = 0, message_climb_at = message_due where id in (select m.report from desk.report_moved m);
update desk.report_sealed set unit_wrap = x'' where seq in (select r.seq from desk.report r join desk.report_moved m on m.report = r.id);
delete from desk.unit_wrap where home in (select m.report from desk.report_moved m);
-- 1: what was answered about it waits for a second person, or two differ. As report/desk/assess_rules.c says it of the newest answers of each person.
alter table desk.report add column second_waits integer not null default 0;
update desk.report set second_waits = 1 where shredded is null and exists (select 1 from desk.assessment a where a.report = report.id and a.second = 1)
    and not exists (select 1 from desk.assessment a join desk.assessment b on b.report = a.report and b.verdict = a.verdict and b.person <> a.person
        where a.report = report.id and not exists (select 1 from desk.assessment n where n.report = a.report and n.person = a.person and n.seq > a.seq)
        and not exists (select 1 from desk.assessment n where n.report = b.report and n.person = b.person and n.seq > b.seq));
create index desk.report_second on report (unit, rank, take_due, seq) where second_waits = 1;
