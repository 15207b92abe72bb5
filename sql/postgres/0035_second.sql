-- Reports of which a verdict waits for a second, different person have a list of their own.

-- schema desk
alter table desk.report add column second_at bigint; -- since when a verdict is not settled; null: none waits
update desk.report set second_at = (select min(a.at) from desk.assessment a where a.report = report.id) where state not in ('new', 'closed', 'spam', 'duplicate', 'withdrawn')
  and id in (select report from desk.assessment group by report having max(second) = 1 and count(distinct person) = 1);
create index report_second on desk.report (unit, rank, second_at, seq) where second_at is not null;
