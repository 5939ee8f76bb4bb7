/* llm-test-server: a loopback HTTP/1.1 server with scripted faults. README.md says how to use it. */
#include "answer.h"
#include "connection.h"
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static const char usage[] =
    "usage: llm-test-server [options]\n"
    "  --port N              the plain port; 0, the default, lets the system choose\n"
    "  --unix PATH           listen on this unix socket, too\n"
    "  --tls                 open a TLS port, too\n"
    "  --tls-fault FAULT     open a faulty TLS port, too: stall, garbage, wrong-name or expired\n"
    "  --ca-out FILE         write the certificate authority to trust, as PEM\n"
    "  --scripts DIR         where the scripts are\n"
    "  --log FILE            append a JSON line for each request\n"
    "  --no-record           keep no records for /__requests: less work under load\n"
    "  --until-stdin-closes  exit when standard input ends, so that no server outlives its test\n";

static const struct tls_port_kind {
  const char *fault; /* NULL: no fault */
  enum listener_kind kind;
  enum tls_leaf leaf;
} tls_port_kinds[] = {
    {NULL, LISTEN_TLS, TLS_LEAF_GOOD},
    {"stall", LISTEN_TLS_STALL, TLS_LEAF_GOOD},
    {"garbage", LISTEN_TLS_GARBAGE, TLS_LEAF_GOOD},
    {"wrong-name", LISTEN_TLS, TLS_LEAF_WRONG_NAME},
    {"expired", LISTEN_TLS, TLS_LEAF_EXPIRED},
};
enum { TLS_PORT_KINDS = sizeof tls_port_kinds / sizeof *tls_port_kinds };

struct options {
  int port;
  const char *unix_path;
  bool tls_ports[TLS_PORT_KINDS];
  const char *ca_path;
  const char *scripts;
  const char *log_path;
  bool recording;
  bool until_stdin_closes;
};

static void die(const char *what) {
  fprintf(stderr, "llm-test-server: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void die_of_usage(void) {
  fputs(usage, stderr);
  exit(2);
}

static int parse_port(const char *text) {
  char *end;
  long port = strtol(text, &end, 10);
  if (end == text || *end != '\0' || port < 0 || port > 65535) die_of_usage();
  return (int)port;
}

static size_t tls_fault_index(const char *fault) {
  for (size_t i = 1; i < TLS_PORT_KINDS; i++) {
    if (strcmp(tls_port_kinds[i].fault, fault) == 0) return i;
  }
  die_of_usage();
  return 0;
}

static struct options parse_options(int argc, char **argv) {
  static const struct option names[] = {
      {"port", required_argument, NULL, 'p'},
      {"unix", required_argument, NULL, 'u'},
      {"tls", no_argument, NULL, 't'},
      {"tls-fault", required_argument, NULL, 'f'},
      {"ca-out", required_argument, NULL, 'c'},
      {"scripts", required_argument, NULL, 's'},
      {"log", required_argument, NULL, 'l'},
      {"no-record", no_argument, NULL, 'n'},
      {"until-stdin-closes", no_argument, NULL, 'e'},
      {NULL, 0, NULL, 0},
  };
  struct options options = {.recording = true};
  int name;
  while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
    switch (name) {
    case 'p':
      options.port = parse_port(optarg);
      break;
    case 'u':
      options.unix_path = optarg;
      break;
    case 't':
      options.tls_ports[0] = true;
      break;
    case 'f':
      options.tls_ports[tls_fault_index(optarg)] = true;
      break;
    case 'c':
      options.ca_path = optarg;
      break;
    case 's':
      options.scripts = optarg;
      break;
    case 'l':
      options.log_path = optarg;
      break;
    case 'n':
      options.recording = false;
      break;
    case 'e':
      options.until_stdin_closes = true;
      break;
    default:
      die_of_usage();
    }
  }
  if (optind < argc) die_of_usage();
  return options;
}

/* Load tests open ten thousand connections. */
static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- ports ---- */

static void open_unix_socket(const char *path) {
  static struct listener listener = {.kind = LISTEN_PLAIN};
  if (listen_on_unix_socket(&listener, path) < 0) die(path);
  printf("listening-unix %s\n", path);
}

/* Opens the TLS ports asked for and returns the port of the faultless one, or 0. */
static int open_tls_ports(const struct options *options) {
  static struct listener listeners[TLS_PORT_KINDS];
  int good_port = 0;
  for (size_t i = 0; i < TLS_PORT_KINDS; i++) {
    if (!options->tls_ports[i]) continue;
    const struct tls_port_kind *kind = &tls_port_kinds[i];
    listeners[i] = (struct listener){.kind = kind->kind, .tls = tls_context_new(kind->leaf)};
    int port = listeners[i].tls != NULL ? listen_on_loopback(&listeners[i], 0) : -1;
    if (port < 0) die("TLS port");
    if (kind->fault == NULL) {
      good_port = port;
      printf("listening-tls %d\n", port);
    } else {
      printf("listening-tls-%s %d\n", kind->fault, port);
    }
  }
  return good_port;
}

static int open_plain_port(int wanted) {
  static struct listener listener = {.kind = LISTEN_PLAIN};
  int port = listen_on_loopback(&listener, wanted);
  if (port < 0) die("port");
  return port;
}

/* ---- standard input ---- */

static void stdin_ready(struct source *source, uint32_t events) {
  (void)events;
  char ignored[512];
  if (read(source->descriptor, ignored, sizeof ignored) <= 0) loop_stop();
}

static void watch_stdin(void) {
  static struct source source = {.descriptor = STDIN_FILENO, .on_ready = stdin_ready};
  if (!loop_add(&source, EPOLLIN)) die("--until-stdin-closes needs a pipe or a terminal");
}

int main(int argc, char **argv) {
  struct options options = parse_options(argc, argv);
  raise_descriptor_limit();
  signal(SIGPIPE, SIG_IGN);
  if (!loop_init()) die("epoll");
  if (options.log_path != NULL && !record_open_log(options.log_path)) die(options.log_path);
  if (!tls_init()) die("certificate");
  if (options.ca_path != NULL && !tls_write_authority(options.ca_path)) die(options.ca_path);
  if (options.until_stdin_closes) watch_stdin();
  if (options.unix_path != NULL) open_unix_socket(options.unix_path);
  int tls_port = open_tls_ports(&options);
  int port = open_plain_port(options.port);
  answer_configure(&(struct script_settings){options.scripts, port, tls_port}, options.recording);

  /* Last: whoever has read this line knows that everything is ready. */
  printf("listening %d\n", port);
  fflush(stdout);
  loop_run();
  if (options.unix_path != NULL) unlink(options.unix_path);
  return 0;
}
