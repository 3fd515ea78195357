// Markdown as HTML that can do nothing. What a model says is untrusted: a short list of elements and
// attributes is let through, links leave without a trace, and nothing is ever loaded from elsewhere.

import DOMPurify, { type Config } from "dompurify";
import { Marked, type Token, type TokensList } from "marked";

/** The elements that models write for want of a sign in Markdown. */
const PLAIN_TAG = /^<(?:br ?\/?|\/?(?:b|del|em|i|kbd|s|strong|sub|sup))>$/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // A picture would tell its server that it was looked at; its link tells nothing until it is clicked.
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    // What has no place here is shown as it was written: words that are left out are missed.
    html: ({ text, block }) => {
      if (PLAIN_TAG.test(text.trim())) return text;
      const shown = escape(text.trim()).replaceAll("\n", "<br>");
      return block ? `<p>${shown}</p>` : shown;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const RULES: Config = {
  ALLOWED_TAGS: [
    ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"],
    ...["ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"],
    ...["a", "strong", "b", "em", "i", "del", "s", "sub", "sup", "kbd"],
  ],
  ALLOWED_ATTR: ["href", "start", "align", "target", "rel"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  RETURN_TRUSTED_TYPE: true,
};

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
});

/** The text's paragraphs, lists, … each of which can be drawn by itself. */
export function blocks(text: string): TokensList {
  return marked.lexer(text);
}

/** One block as clean HTML. */
export function html(block: Token): string {
  // Where the browser has Trusted Types this is a TrustedHTML, which Preact hands on as it is.
  return DOMPurify.sanitize(marked.parser([block]), RULES) as unknown as string;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
