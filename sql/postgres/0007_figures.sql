-- Figures: what a search walks, the searches that people keep, and what days that are over came to. Times are µs UTC.

-- schema desk
-- Each index of a search begins with what is asked for, goes on in the order of the page (newest first), and holds the
-- other things that may be asked, so that rows are read only to be shown.
create index report_found on desk.report (unit, received, seq, rank, state, category, county);
create index report_found_state on desk.report (unit, state, received, seq, rank, category, county);
create index report_found_category on desk.report (unit, category, received, seq, rank, state, county);
create index report_found_county on desk.report (unit, county, received, seq, rank, state, category);
create index report_found_worker on desk.report (taken_by, received, seq, unit, rank, state, category, county) where taken_by is not null;
create index case_found on desk.case_file (owner, opened, seq, urgency, state, category, county, worker);
create index case_closed on desk.case_file (owner, state_at, opened, category, county) where state = 'closed';
create index case_route_opened on desk.case_route (opened);
create index referral_found_to on desk.referral (to_unit, sent, seq, urgency, state);
create index referral_found_from on desk.referral (from_unit, sent, seq, urgency, state);
create table desk.saved_view (
    id bytea primary key not null,
    person bytea not null,                 -- who keeps it
    unit bytea,                            -- shared with its members; null: for that person alone
    name text collate "C" not null,
    query text collate "C" not null,                  -- what follows /search?, as the program wrote it
    made bigint not null
);
create index saved_view_person on desk.saved_view (person);
create index saved_view_unit on desk.saved_view (unit) where unit is not null;
-- Days that are over, added up by month: counts of what happened then, kept when records are erased.
create table desk.figure (
    what text collate "C" not null,                   -- 'received', 'assessed', 'opened', 'closed', 'answered', 'police'
    month bigint not null,               -- 202611, in the country's zone
    unit bytea not null,
    category text collate "C" not null,
    county text collate "C" not null,                 -- '': not known
    bucket bigint not null,              -- what the count function of its room says
    n bigint not null,
    primary key (what, month, unit, category, county, bucket)
);
create table desk.figure_upto (         -- all before this local midnight is in figure
    room text collate "C" primary key not null,       -- 'report', 'case', 'referral'
    upto bigint not null
);
