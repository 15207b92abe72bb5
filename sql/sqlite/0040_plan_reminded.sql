-- On which day somebody was last told of values of the plan that his institution owes: once a day at most.

-- schema desk
create table desk.plan_reminded (
    person blob primary key not null references person (id),
    day integer not null                  -- since 1 January 1970, of the country's clock
) strict;
