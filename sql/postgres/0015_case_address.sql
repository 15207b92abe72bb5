-- Addresses of a case: the content track. The address itself is sealed in the case's item of the same thing.

-- schema desk
create table desk.case_address (
    id bytea primary key not null,
    case_id bytea not null,
    stage text collate "C" not null,                -- stages.c, content
    opened bigint not null,
    stage_at bigint not null,
    version bigint not null
);
create index case_address_case on desk.case_address (case_id);
