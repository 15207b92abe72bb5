-- Addresses of a case: the content track. The address itself is sealed in the case's item of the same thing.

-- schema desk
create table desk.case_address (
    id blob primary key not null,
    case_id blob not null,
    stage text not null,                -- stages.c, content
    opened integer not null,
    stage_at integer not null,
    version integer not null
) strict;
create index desk.case_address_case on case_address (case_id);
