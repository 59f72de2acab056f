export const leaseStart = `
-- Tells the driver from a later process with the same id; NULL in older rows and where nothing tells it.
ALTER TABLE lease ADD COLUMN start TEXT;
`;
