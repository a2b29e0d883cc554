// The answering pages. Filled by the pages that save answers as they are given.
export {};
