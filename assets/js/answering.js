// The answering pages: every change is saved at once in the background, and says so. What is not saved yet is
// also kept in this browser, so that neither a lost connection nor an ended sign-in costs an answer.
import { AnswerKeys } from "./answering/keys.js";
import { Answers } from "./answering/page.js";

const form = document.querySelector("[data-answering]");
if (form) {
  new Answers(form).start();
  new AnswerKeys(form).start();
}
