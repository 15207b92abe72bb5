-- Keys of cases that a new one has taken the place of, because a unit left (docs/protocol.md 5 and 8): under these nothing is
-- sealed any more, and a unit's wrap of one opens nothing. mac: as in 0001.

-- schema keeper
create table keeper.replaced (
    home blob not null,
    kid blob not null,
    mac blob not null,
    primary key (home, kid)
) strict;

-- schema desk
alter table desk.case_file add column key_out blob; -- the unit that was given the key and is not to read on: a new one with the next entry
