/**
 * ssh2 takes everything but a literal `false` for consent, a promise and an exception included. Through this wrapper
 * only a literal `true`, returned or awaited, connects; whatever never settles never connects.
 */
export const strictHostVerifier =
  (decide: (key: Buffer) => unknown) =>
  (key: Buffer, verify: (permitted: boolean) => void): undefined => {
    void decision(decide, key).then(verify);
    return undefined;
  };

const decision = async (decide: (key: Buffer) => unknown, key: Buffer): Promise<boolean> => {
  try {
    return (await decide(key)) === true;
  } catch {
    return false;
  }
};
