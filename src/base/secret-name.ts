const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD/i;

/** Whether a variable of this name most likely holds a secret. */
export const looksSecret = (name: string): boolean => SECRET_NAME.test(name);
