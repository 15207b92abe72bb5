-- A unit's first key is made by an administrator for its first member, and somebody else confirms it: until then the unit can
-- accept no version of the data-exchange protocol, so nothing is handed to it. A unit without a row is not confirmed.

-- schema keeper
create table keeper.founding (
    unit blob primary key not null,
    person blob not null,                 -- the first member; zero: set up by `isigurt init`
    founder blob not null,                -- the administrator; zero as above
    at integer not null,
    confirmer blob not null,              -- zero: nobody yet, or `init`
    confirmed integer not null,           -- 0: not yet
    mac blob not null
) strict;

-- schema desk
create table desk.founding (            -- the same for lists; units of before this table are to be confirmed too
    unit blob primary key not null references unit (id),
    person blob,                          -- null: unknown
    founder blob,
    at integer,
    confirmer blob,
    confirmed integer                     -- null: not yet
) strict;
insert into desk.founding (unit) select u.id from desk.unit u where exists (select 1 from desk.member m where m.unit = u.id);
