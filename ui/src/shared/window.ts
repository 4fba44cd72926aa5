/** A window of a desktop program, not a page: no reload, no going back, no menu of a browser. */
export function behaveLikeAWindow(): void {
  window.addEventListener("contextmenu", (event) => {
    if (!(event.target instanceof Element && event.target.closest("input, textarea, .selectable")))
      event.preventDefault();
  });
  window.addEventListener("keydown", (event) => {
    const reload = event.key === "F5" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "r");
    const travel = event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight");
    if (reload || travel) event.preventDefault();
  });
}

/** Mounts in place of the skeleton that the page came with. */
export function emptied(id: string): HTMLElement {
  const target = document.getElementById(id);
  if (!target) throw new Error(`the page has no element \`${id}\``);
  target.replaceChildren();
  return target;
}
