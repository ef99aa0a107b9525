/** Text of a script for browsers, which the build makes of web/vnc-page.js. */
declare module 'plow:vnc-page' {
  const text: string;
  export default text;
}
