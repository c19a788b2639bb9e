-- Why a message is sent; '' is what was sent before there was more than the request itself.
ALTER TABLE messages ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
-- What has become of a link's reminders, as JSON; none for a link without reminders. Nothing of it is searched.
ALTER TABLE links ADD COLUMN reminding TEXT;
