/** Who has the default route: those that say so, else the first, unless it says no. */
export function defaultRoutes(
  interfaces: readonly { readonly default_route?: unknown }[],
): readonly boolean[] {
  const said = interfaces.some(({ default_route }) => default_route === true);
  return interfaces.map(({ default_route }, index) =>
    default_route === undefined ? index === 0 && !said : default_route === true,
  );
}
