/** What does `--help` of a command say first? An example that can be copied, then its arguments and options. */
import { defaultHelpFormatter, type HelpFormatter } from 'cmd-ts';

/** The parser's own help, with the examples of a command above its options in place of below. */
export const exampleFirst: HelpFormatter = {
  ...defaultHelpFormatter,
  formatCommand: (data, context) => {
    const head = defaultHelpFormatter.formatCommand({ ...data, helpTopics: [], examples: [] }, context);
    const whole = defaultHelpFormatter.formatCommand({ ...data, examples: [] }, context);
    const examples = (data.examples ?? []).map(
      ({ description, command }) => `\n\n  # ${description}\n  $ ${command}`,
    );
    return `${head}${examples.join('')}${whole.slice(head.length)}`;
  },
};
