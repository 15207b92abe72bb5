-- A hand-over that the colleague did not take.

-- schema desk
alter table desk.handover add column declined integer; -- null: not; the giver still answers for the reports, and the reason lies sealed beside them
