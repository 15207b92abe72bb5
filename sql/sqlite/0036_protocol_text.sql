-- What a unit accepted is a text, not a number: its digest stands with the acceptance.

-- schema desk
alter table desk.protocol_accepted add column digest blob; -- null: accepted before it was kept
