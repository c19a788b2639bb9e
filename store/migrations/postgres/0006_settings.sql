-- What the merchant has decided once for all its links, as JSON; none: nothing yet.
ALTER TABLE merchants ADD COLUMN settings TEXT COLLATE "C";
