// The answering pages: every change is saved at once in the background, and says so. What is not saved yet is
// also kept in this browser, so that neither a lost connection nor an ended sign-in costs an answer.
import { Answers } from "./answering/items.js";
import { AnswerKeys } from "./answering/keys.js";

const form = document.querySelector("[data-answering]");
if (form) {
  const answers = new Answers(form);
  answers.start();
  new AnswerKeys(form).start();
}
