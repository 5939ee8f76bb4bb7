/* A line at a time from a terminal, or from whatever standard input is. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stddef.h>

/* Takes the terminal: from now on typing shows at a prompt only. It is given back at the program's end. */
void terminal_open(void);

/* Asks for a line; it is valid until the next is asked for. A pasted paragraph is one line with breaks in it,
 * of any length. NULL at the end of the input (Ctrl-D). Ctrl-C gives an empty line. */
const char *terminal_read(const char *prompt);

#endif
