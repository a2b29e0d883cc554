// On every page: the USWDS behaviours that our pages use, htmx, and a few small things of our own.
import accordion from "../../node_modules/@uswds/uswds/packages/usa-accordion/src/index.js";
import characterCount from "../../node_modules/@uswds/uswds/packages/usa-character-count/src/index.js";
import comboBox from "../../node_modules/@uswds/uswds/packages/usa-combo-box/src/index.js";
import fileInput from "../../node_modules/@uswds/uswds/packages/usa-file-input/src/index.js";
import navigation from "../../node_modules/@uswds/uswds/packages/usa-header/src/index.js";
import skipnav from "../../node_modules/@uswds/uswds/packages/usa-skipnav/src/index.js";
import table from "../../node_modules/@uswds/uswds/packages/usa-table/src/index.js";
import htmx from "htmx.org";

import { focusErrorSummary } from "./error_summary.js";
import { choiceFilter } from "./choice_filter.js";
import { idleWarning } from "./idle_warning.js";
import { submitOnce } from "./submit_once.js";
import { localTimes } from "./local_times.js";
import { printButtons } from "./print_buttons.js";
import { scrollRegions } from "./scroll_regions.js";

// USWDS listens on the body; those that also prepare their elements do so again for new content.
const PREPARING = [accordion, characterCount, comboBox, fileInput, table];
const LISTENING = [navigation, skipnav];
const OURS = [focusErrorSummary, localTimes, printButtons, scrollRegions];

// A module runs after the page is parsed, so the body is there.
[...PREPARING, ...LISTENING].forEach((behavior) => behavior.on(document.body));
OURS.forEach((start) => start(document));
submitOnce(document);
choiceFilter(document);
idleWarning(document);

htmx.onLoad((content) => {
  if (content === document.body) return; // the whole page, just after it loaded
  PREPARING.forEach((behavior) => behavior.init(content));
  OURS.forEach((start) => start(content));
});
