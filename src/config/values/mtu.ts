/** RFC 791: every host takes datagrams of 576 bytes. */
export const LEAST_MTU = 576;
/** The length of an IPv4 datagram is a 16-bit number (RFC 791 3.1). */
export const MOST_MTU = 65_535;
