/* Texts that are made. */
#ifndef LLM_REDIS_TEXT_H
#define LLM_REDIS_TEXT_H

/* A malloc'd text; NULL where there is no memory. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
