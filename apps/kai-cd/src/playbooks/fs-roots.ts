// Which paths a run that starts in the browser may read: those below the owner's `fs.roots`. The node decides; this says it beforehand.

/** Whether the path lies below one of the roots, as far as spelling tells: links are the node's matter. */
export function isBelowRoots(path: string, roots: readonly string[]): boolean {
  const steps = stepsOf(path);
  return roots.some((root) => {
    const above = stepsOf(root);
    return above.length <= steps.length && above.every((step, place) => step === steps[place]);
  });
}

function stepsOf(path: string): readonly string[] {
  const steps: string[] = [];
  for (const step of path.split(/[/\\]+/)) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return steps;
}
