-- What a customer answered to the link's questions, as JSON with each value sealed by the key ring.
ALTER TABLE payments ADD COLUMN answers TEXT;
