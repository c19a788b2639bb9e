-- What a message is in a delivery plan: its place from 1, the plan by its first message, when it is taken up or
-- was, how far an earlier message must have come for it not to be needed, whether it goes out although the link
-- was opened, whether it does without word of the step before, and who carries it, by commas. A message of no
-- plan has none of it. They are found by their link.
ALTER TABLE messages ADD COLUMN step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN plan TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN due_at BIGINT;
ALTER TABLE messages ADD COLUMN unless TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN heedless BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN hasty BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN providers TEXT COLLATE "C" NOT NULL DEFAULT '';
