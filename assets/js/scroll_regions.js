/**
 * A table wider than the screen is a region that the keyboard can scroll. Where it fits, there is nothing
 * to scroll, so it is taken out of the tab order. The table is watched too: a font that arrives late or new
 * content widens it while its region stays as it is.
 */
export function scrollRegions(root) {
  const watcher = new ResizeObserver((entries) =>
    entries.forEach(({ target }) => setTabStop(target.closest("[data-scroll-region]"))),
  );
  root.querySelectorAll("[data-scroll-region]").forEach((region) => {
    [region, ...region.children].forEach((part) => watcher.observe(part));
  });
}

function setTabStop(region) {
  if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
  else region.removeAttribute("tabindex");
}
