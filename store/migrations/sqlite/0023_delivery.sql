-- What a message is in a delivery plan: its place from 1, the plan by its first message, when it is taken up or
-- was, how far an earlier message must have come for it not to be needed, whether it goes out although the link
-- was opened, whether it does without word of the step before, and who carries it, by commas. A message of no
-- plan has none of it. They are found by their link.
ALTER TABLE messages ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN plan TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN due_at INTEGER;
ALTER TABLE messages ADD COLUMN unless TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN heedless INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN hasty INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN providers TEXT NOT NULL DEFAULT '';
