import type { KeyPairs } from '../../src/provision/host-keys/open-ssh.ts';

/** Pairs that everybody knows: the second of RFC 8032, 7.1, and of P-256 one whose number is a hash of words. */
export const KEY_PAIRS: KeyPairs = {
  ed25519: {
    secret: Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'),
    point: Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex'),
  },
  ecdsa: {
    secret: Buffer.from('ca0b1fcaa2ab03611ef1221926ff218947bf1db8be80dc973e93ce8398b348f0', 'hex'),
    point: Buffer.from(
      '04c5004c464efe1cbc7492c31adfe462e8153754ade697ec1ef09b7b82c8ed4bc3a14a25592c5ade1c402af89b682807dfc09a6a9971c17d9c4d210d4dfd06ef58',
      'hex',
    ),
  },
};
