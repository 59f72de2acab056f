/** How a workflow from stdin is called, in messages and in the record. */
export const STDIN_NAME = '<stdin>';
