-- Figures: what a search walks, the searches that people keep, and what days that are over came to. Times are µs UTC.

-- schema desk
-- Each index of a search begins with what is asked for, goes on in the order of the page (newest first), and holds the
-- other things that may be asked, so that rows are read only to be shown.
create index desk.report_found on report (unit, received, seq, rank, state, category, county);
create index desk.report_found_state on report (unit, state, received, seq, rank, category, county);
create index desk.report_found_category on report (unit, category, received, seq, rank, state, county);
create index desk.report_found_county on report (unit, county, received, seq, rank, state, category);
create index desk.report_found_worker on report (taken_by, received, seq, unit, rank, state, category, county) where taken_by is not null;
create index desk.case_found on case_file (owner, opened, seq, urgency, state, category, county, worker);
create index desk.case_closed on case_file (owner, state_at, opened, category, county) where state = 'closed';
create index desk.case_route_opened on case_route (opened);
create index desk.referral_found_to on referral (to_unit, sent, seq, urgency, state);
create index desk.referral_found_from on referral (from_unit, sent, seq, urgency, state);
create table desk.saved_view (
    id blob primary key not null,
    person blob not null,                 -- who keeps it
    unit blob,                            -- shared with its members; null: for that person alone
    name text not null,
    query text not null,                  -- what follows /search?, as the program wrote it
    made integer not null
) strict;
create index desk.saved_view_person on saved_view (person);
create index desk.saved_view_unit on saved_view (unit) where unit is not null;
-- Days that are over, added up by month: counts of what happened then, kept when records are erased.
create table desk.figure (
    what text not null,                   -- 'received', 'assessed', 'opened', 'closed', 'answered', 'police'
    month integer not null,               -- 202611, in the country's zone
    unit blob not null,
    category text not null,
    county text not null,                 -- '': not known
    bucket integer not null,              -- what the count function of its room says
    n integer not null,
    primary key (what, month, unit, category, county, bucket)
) strict;
create table desk.figure_upto (         -- all before this local midnight is in figure
    room text primary key not null,       -- 'report', 'case', 'referral'
    upto integer not null
) strict;
