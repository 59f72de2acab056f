/** `PWD` and `OLDPWD`, which every shell sets, are folders. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|_(?:PASS|PWD|PAT)$/i;

/** Whether a variable of this name most likely holds a secret. */
export const looksSecret = (name: string): boolean => SECRET_NAME.test(name);
