/** What is said of the owner of an object where nothing more is known of it. */
export const changeOwner = (owner: string): string =>
  `Change ${owner} instead, or remove its ownership first to do the rollout by hand.`
