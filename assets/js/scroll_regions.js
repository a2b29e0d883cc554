/**
 * A table wider than the screen is a region that the keyboard can scroll. Where it fits, there is nothing
 * to scroll, so it is taken out of the tab order.
 */
export function scrollRegions(root) {
  const watcher = new ResizeObserver((entries) => entries.forEach(({ target }) => setTabStop(target)));
  root.querySelectorAll("[data-scroll-region]").forEach((region) => watcher.observe(region));
}

function setTabStop(region) {
  if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
  else region.removeAttribute("tabindex");
}
