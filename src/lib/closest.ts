const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + change));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The candidate a typing error probably meant: at most a third of its letters wrong, or starting with what was typed. */
export const closest = (typed: string, candidates: readonly string[]): string | undefined => {
  const wanted = typed.toLowerCase().slice(0, 80);
  let best: { readonly name: string; readonly cost: number } | undefined;
  for (const name of candidates) {
    const known = name.toLowerCase();
    const cost = wanted.length > 1 && known.startsWith(wanted) ? 0.5 : distance(wanted, known);
    if (cost <= Math.max(1, known.length / 3) && (best === undefined || cost < best.cost)) best = { name, cost };
  }
  return best?.name;
};
