const DAY = { year: "numeric", month: "short", day: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };

/** The words of <time data-local datetime="..."> in the reader's own zone, with the zone named. */
export function localTimes(root) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { ...DAY, ...CLOCK });
  root.querySelectorAll("time[data-local]").forEach((time) => {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) time.textContent = format.format(moment);
  });
}
