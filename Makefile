# The entry points of the project; `make help` lists them. What ships is built as Embedded Swift and linked here,
# not by SwiftPM: see docs/decisions.md.

PREFIX = /usr/local
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
DOCDIR = $(PREFIX)/share/doc/llm-provider
DESTDIR =

CC = cc
LD = ld
OBJCOPY = objcopy
STRIP = strip
# The toolchain's own clang and lld: Debian's linkers cannot fold functions whose code is the same.
LINKER = $(dir $(shell readlink -f "$$(command -v swiftc)"))clang -fuse-ld=lld

VERSION := $(shell sed -n 's/^\#define LLM_VERSION "\(.*\)"/\1/p' include/llm_provider.h)
SOVERSION := 0
HEADERS := $(wildcard include/*.h)
FFI_HEADER := llm_provider_ffi.h
# What is worth having beside the installed library, in folders as here, so that the pages' links lead somewhere.
PAGES := LICENSE README.md CHANGELOG.md SECURITY.md $(wildcard docs/*.md examples-c/*.[ch])
PAGE_FOLDERS := docs examples-c
SOURCES := $(shell find Sources build-aux -type f) $(wildcard include/*) Package.swift Makefile docs/symbols.txt \
  pkgconfig/llmprovider.map
SYMBOLS := $(shell cut -d' ' -f1 docs/symbols.txt)

# The build's own copy of the installed tree, which the tests, the examples and the benchmark use.
STAGE := $(CURDIR)/build/prefix
TO_STAGE := PREFIX="$(STAGE)" LIBDIR="$(STAGE)/lib" INCLUDEDIR="$(STAGE)/include" DOCDIR="$(STAGE)/share/doc/llm-provider" DESTDIR=

SCRATCH := build/embedded

# Code size is a promise: optimize for it, compile all files at once, share equal instruction sequences (also of the
# copies that generic code is made into), keep each function in a section of its own so that the linker can drop it, and
# call what would be inlined hundreds of times: the standard library's string comparison, retain and release. Loops and
# closures are not copied to be specialized, and the traps of a function are one. Exclusive access is checked by the
# compiler, not at run time: a trap would be the host's crash.
# (SwiftPM does not build anew when flags change, so they are kept beside what they made.)
SIZE_FLAGS := -Osize -num-threads 0 -enforce-exclusivity=unchecked $(addprefix -Xfrontend ,-function-sections -mergeable-traps) \
  $(addprefix -Xllvm ,-enable-machine-outliner=always -enable-linkonceodr-outlining \
    -sil-inline-never-functions=_stringCompareWithSmolCheck \
    -force-attribute=swift_retain:noinline -force-attribute=swift_release:noinline \
    -sil-disable-pass=loop-rotate -sil-disable-pass=loop-unroll -sil-disable-pass=closure-specialize)
# The functions that every call runs through, in that order, by readable names. They are not cut into shared pieces, and
# they lie side by side: a single call costs little but the instructions that have to be fetched. `make hot` measures them
# anew. The compiler wants names of its own making, which are known once it has compiled: it runs twice where there are
# others than the last time, and so on a machine where it never did. `make check` fails where more than a few names are gone;
# the build does not, since another version of the compiler has others for the copies it makes.
HOT := build-aux/hot-functions.txt
HOT_NAMES := build/hot.names
RESOLVE_HOT = build-aux/hot-functions.sh resolve $(HOT) 0 $(OBJECTS)
SIZE_FLAGS += -Xllvm -forceattrs-csv-path=$(SCRATCH)/hot.csv
SWIFT_BUILD := LLM_EMBEDDED=1 swift build -c release --target LLMProviderABI --scratch-path $(SCRATCH) \
  $(addprefix -Xswiftc ,$(SIZE_FLAGS))
OBJECTS := $(foreach module,LLMProviderABI LLMEmbeddedUnicode,$(SCRATCH)/release/$(module).build/$(module).o)
# All that Swift's runtime and the library's own code ask for memory by.
ALLOCATOR := malloc calloc realloc posix_memalign free
SHARED := build/lib/libllmprovider.so.$(VERSION)
STATIC := build/lib/libllmprovider.a
# The shared library before it is stripped: what `make size` and `make hot` look into.
SYMBOLED := build/libllmprovider.debug.so

# The store in Redis is a library of its own, so that the other one needs no more than it does.
REDIS := build/lib/libllmprovider-redis.so.$(VERSION)
REDIS_STATIC := build/lib/libllmprovider-redis.a

# What the targets need, as `command or pkg-config module : Debian package`.
BUILD_DEPS := cc:gcc ld:binutils pkg-config:pkg-config libcurl.pc:libcurl4-openssl-dev jansson.pc:libjansson-dev
REDIS_DEPS := cc:gcc pkg-config:pkg-config jansson.pc:libjansson-dev
TEST_DEPS := $(BUILD_DEPS) g++:g++ openssl.pc:libssl-dev zlib.pc:zlib1g-dev valgrind:valgrind cmake:cmake \
  python3:python3 curl:curl openssl:openssl nghttpd:nghttp2-server clang-format:clang-format git:git $(REDIS_DEPS) \
  redis-server:redis-server luajit:luajit

.PHONY: help demo build redis test test-curl check bench size hot catalogue torture fuzz format install install-redis uninstall \
  dist clean deps deps-redis deps-swift deps-test stage

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' Makefile

demo: deps-swift deps ## Build, then hold a short conversation with whatever provider the environment offers
	@[ -e $(SHARED) ] || echo "Building the library, which takes a few minutes the first time."
	@$(MAKE) -s --no-print-directory stage
	@$(CC) -O2 examples-c/chat.c examples-c/terminal.c -o build/chat \
	  $$(PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig pkg-config --cflags --libs llm-provider jansson)
	@printf '%s\n' 'Hello! Who are you?' 'Say that in five words.' | LD_LIBRARY_PATH=$(STAGE)/lib build/chat
	@echo "To go on yourself: LD_LIBRARY_PATH=build/prefix/lib build/chat"

build: $(SHARED) ## Build the shared and the static library into build/lib

# One object, of which nothing but llm_* can be seen, makes both libraries. Groups are dissolved in it, since a linker
# that finds the same group in another Swift library would discard ours and leave the local symbols in it dangling.
# What it asks of the allocator it asks of Sources/CMemory, which has a reserve (docs/internals/memory.md).
# Relative relocations stay as they are: the shorter form (RELR) does not load where glibc is older than 2.36.
$(SHARED) $(STATIC) $(SYMBOLED) &: $(SOURCES) | deps-swift deps
	@echo '$(SIZE_FLAGS)' | cmp -s - $(SCRATCH)/flags || rm -rf $(SCRATCH)
	@mkdir -p build/lib
	@touch $(HOT_NAMES) && $(call compile,$(HOT_NAMES))
	@$(RESOLVE_HOT) > build/hot.order && sort -u build/hot.order $(HOT_NAMES) > build/hot.all
	@if grep -qvxFf $(HOT_NAMES) build/hot.order; then \
	  rm -rf $(SCRATCH); $(call compile,build/hot.all); $(RESOLVE_HOT) > build/hot.order; fi
	@sort -u build/hot.order build/hot.all > $(HOT_NAMES)
	@echo '$(SIZE_FLAGS)' > $(SCRATCH)/flags
	@$(LD) -r --gc-sections --force-group-allocation $(SYMBOLS:%=-u %) -o build/unguarded.o $(OBJECTS)
	@$(OBJCOPY) $(foreach name,$(ALLOCATOR),--redefine-sym $(name)=guarded_$(name)) build/unguarded.o
	@$(LD) -r -o build/llmprovider.o build/unguarded.o $(SCRATCH)/release/CMemory.build/memory.c.o
	@$(OBJCOPY) --wildcard --keep-global-symbol='llm_*' --remove-section=.swift1_autolink_entries \
	  --remove-section=.swift_modhash --remove-section=.eh_frame --remove-section=.rela.eh_frame build/llmprovider.o
	$(LINKER) -shared -o $(SYMBOLED) build/llmprovider.o -Wl,-soname,libllmprovider.so.$(SOVERSION) \
	  -Wl,--version-script=pkgconfig/llmprovider.map -Wl,--gc-sections,--icf=all,-O2 \
	  -Wl,--symbol-ordering-file=build/hot.order,--no-warn-symbol-ordering \
	  -Wl,-z,now,-z,relro,-z,defs,-z,noexecstack,-z,nopack-relative-relocs \
	  -Wl,--as-needed $$(pkg-config --libs libcurl jansson)
	$(STRIP) --strip-all -o $(SHARED) $(SYMBOLED)
	@$(OBJCOPY) --strip-unneeded build/llmprovider.o build/lib/llmprovider.o
	@rm -f $(STATIC)
	ar rcsD $(STATIC) build/lib/llmprovider.o

# $(call compile,NAMES): with those as the hot functions. What the compiler says is shown where it warns or fails; of each
# module it says which hot functions are not in it.
compile = echo "compiling"; mkdir -p $(SCRATCH); sed 's/$$/,nooutline=1/' $1 > $(SCRATCH)/hot.csv; \
  if $(SWIFT_BUILD) > $(SCRATCH)/log 2>&1; then grep -A5 'swift:.*warning:' $(SCRATCH)/log || true; \
  else grep -v '^Function in CSV' $(SCRATCH)/log; exit 1; fi

redis: $(REDIS) ## Build the store in Redis or Valkey, a library of its own, into build/lib

REDIS_CFLAGS = -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -fPIC -fvisibility=hidden -Iinclude -Iredis -pthread \
  $$(pkg-config --cflags jansson)

$(REDIS) $(REDIS_STATIC) &: $(wildcard redis/*) $(wildcard include/*.h) Makefile | deps-redis
	@mkdir -p build/lib build/redis
	$(CC) $(REDIS_CFLAGS) -shared redis/*.c -o $(REDIS) \
	  -Wl,-soname,libllmprovider-redis.so.$(SOVERSION),--version-script=redis/exports.map -Wl,-z,now,-z,relro,-z,defs -s \
	  $$(pkg-config --libs jansson) -pthread
	@for source in redis/*.c; do $(CC) $(REDIS_CFLAGS) -c $$source -o build/redis/$$(basename $$source .c).o || exit; done
	@$(LD) -r -o build/redis/all.o $(patsubst redis/%.c,build/redis/%.o,$(wildcard redis/*.c))
	@$(OBJCOPY) --wildcard --keep-global-symbol='llm_redis_*' --strip-unneeded build/redis/all.o
	@rm -f $(REDIS_STATIC)
	ar rcsD $(REDIS_STATIC) build/redis/all.o

test: deps-swift deps-test ## Run everything: Swift tests, and the C suite and examples against the installed library
	swift test
	@$(MAKE) --no-print-directory stage
	@$(MAKE) --no-print-directory install-redis $(TO_STAGE)
	@Tests/run.sh $(STAGE)

test-curl: deps-test stage ## Run the C suite and HTTP/2 with newer libcurls (CURL_VERSIONS=... for some of them)
	@Tests/curl/run.sh $(STAGE) $(CURL_VERSIONS)

check: deps-swift deps-test $(SHARED) ## Formatting, header and layer rules, and that no layer grew unnoticed
	swift format lint --strict -r Sources Tests Package.swift
	clang-format -n --Werror $$(git ls-files '*.c' '*.h')
	@Tests/headers/check.sh
	@Tests/layers.sh
	@build-aux/hot-functions.sh resolve $(HOT) 95 $(OBJECTS) > /dev/null
	@build-aux/size.py $(SYMBOLED) --check docs/internals/size.md

bench: deps-test stage ## Measure against a client written by hand with libcurl and jansson
	python3 bench/run.py --prefix $(STAGE)

size: $(SHARED) ## Renew the table of what the library's bytes are (docs/internals/size.md)
	build-aux/size.py $(SYMBOLED) --write docs/internals/size.md

hot: deps-swift deps-test ## Find out anew which functions every call runs through (build-aux/hot-functions.txt)
	@$(MAKE) --no-print-directory stage
	$(STRIP) --strip-debug -o "$(STAGE)/lib/$(notdir $(SHARED))" $(SYMBOLED)
	python3 bench/hot.py --prefix $(STAGE) > build/hot.measured
	build-aux/hot-functions.sh readable < build/hot.measured > build/hot-functions.txt
	mv build/hot-functions.txt $(HOT)
	@$(MAKE) --no-print-directory stage

catalogue: ## Compare the models' rows with the newest packages that carry prices, and propose rows (docs/internals/catalogue.md)
	@python3 build-aux/catalogue

torture: deps-test stage ## Fail every allocation and every operation of the network and of files, one after the other
	Tests/torture/run.sh $(STAGE)

FUZZ_SECONDS = 60

fuzz: deps-swift deps-test ## Feed the framers, the scanner and the dialects with hostile bytes
	for target in sse ndjson eventstream json hotpath joiner dialects requests stores; do \
	  Tests/fuzz/run.sh $$target $(FUZZ_SECONDS) || exit; \
	done

format: ## Format all sources in place
	swift format -i -r Sources Tests Package.swift
	clang-format -i $$(git ls-files '*.c' '*.h')

install: $(SHARED) ## Install to PREFIX (default /usr/local), below DESTDIR if set
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(LIBDIR)/cmake/llm-provider" "$(DESTDIR)$(INCLUDEDIR)" \
	  $(PAGE_FOLDERS:%="$(DESTDIR)$(DOCDIR)/%")
	install -m 755 $(SHARED) "$(DESTDIR)$(LIBDIR)"
	ln -sf libllmprovider.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider.so.$(SOVERSION)"
	ln -sf libllmprovider.so.$(SOVERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider.so"
	install -m 644 $(STATIC) "$(DESTDIR)$(LIBDIR)"
	install -m 644 $(HEADERS) "$(DESTDIR)$(INCLUDEDIR)"
	build-aux/ffi-header.sh > "$(DESTDIR)$(INCLUDEDIR)/$(FFI_HEADER)" && chmod 644 "$(DESTDIR)$(INCLUDEDIR)/$(FFI_HEADER)"
	@for page in $(PAGES); do install -m 644 $$page "$(DESTDIR)$(DOCDIR)/$$page" || exit; done
	@$(call fill,llm-provider.pc,pkgconfig)
	@$(call fill,llm-provider-config.cmake,cmake/llm-provider)
	@$(call fill,llm-provider-config-version.cmake,cmake/llm-provider)
	@# Only where the dynamic linker looks by itself, and never for a package's staging directory.
	@case "$(DESTDIR)$(LIBDIR)" in /usr/*|/lib*) if [ "$$(id -u)" = 0 ]; then ldconfig; fi;; esac

install-redis: $(REDIS) ## Install the store in Redis to PREFIX as well
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(LIBDIR)/cmake/llm-provider" "$(DESTDIR)$(INCLUDEDIR)"
	install -m 755 $(REDIS) "$(DESTDIR)$(LIBDIR)"
	ln -sf libllmprovider-redis.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider-redis.so.$(SOVERSION)"
	ln -sf libllmprovider-redis.so.$(SOVERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider-redis.so"
	install -m 644 $(REDIS_STATIC) "$(DESTDIR)$(LIBDIR)"
	install -m 644 redis/llm_provider_redis.h "$(DESTDIR)$(INCLUDEDIR)"
	@$(call fill,llm-provider-redis.pc,pkgconfig)
	@$(call fill,llm-provider-redis.cmake,cmake/llm-provider)
	@case "$(DESTDIR)$(LIBDIR)" in /usr/*|/lib*) if [ "$$(id -u)" = 0 ]; then ldconfig; fi;; esac

uninstall: ## Remove what install and install-redis have put below PREFIX
	rm -f $(foreach file,libllmprovider.so.$(VERSION) libllmprovider.so.$(SOVERSION) libllmprovider.so libllmprovider.a \
	  libllmprovider-redis.so.$(VERSION) libllmprovider-redis.so.$(SOVERSION) libllmprovider-redis.so \
	  libllmprovider-redis.a pkgconfig/llm-provider.pc pkgconfig/llm-provider-redis.pc \
	  cmake/llm-provider/llm-provider-config.cmake cmake/llm-provider/llm-provider-config-version.cmake \
	  cmake/llm-provider/llm-provider-redis.cmake,"$(DESTDIR)$(LIBDIR)/$(file)") \
	  $(foreach header,$(notdir $(HEADERS)) $(FFI_HEADER) llm_provider_redis.h,"$(DESTDIR)$(INCLUDEDIR)/$(header)") \
	  $(foreach page,$(PAGES),"$(DESTDIR)$(DOCDIR)/$(page)")
	@for folder in "$(DESTDIR)$(LIBDIR)/cmake/llm-provider" $(PAGE_FOLDERS:%="$(DESTDIR)$(DOCDIR)/%") \
	  "$(DESTDIR)$(DOCDIR)"; do if [ -d "$$folder" ]; then rmdir "$$folder"; fi; done

dist: ## Make a source archive of the last commit
	@mkdir -p build
	git archive --prefix=llm-provider-$(VERSION)/ HEAD | xz > build/llm-provider-$(VERSION).tar.xz

clean: ## Remove everything that was built
	rm -rf build .build

stage:
	@$(MAKE) --no-print-directory install $(TO_STAGE)

deps: ## Install the Debian packages that building needs, where missing
	@$(call install_missing,$(BUILD_DEPS))

deps-swift:
	@command -v swiftc > /dev/null || { echo "llm-provider is built with Swift 6.3 or later, which is not here: see" \
	  "https://www.swift.org/install/"; exit 1; }

deps-redis:
	@$(call install_missing,$(REDIS_DEPS))

deps-test:
	@$(call install_missing,$(TEST_DEPS))

# $(call fill,NAME,FOLDER): installs pkgconfig/NAME.in into LIBDIR/FOLDER, with paths relative to itself.
fill = from=$$(realpath -m --relative-to="$(LIBDIR)/$2" "$(PREFIX)") && sed -e 's,@VERSION@,$(VERSION),' \
  -e 's,@SOVERSION@,$(SOVERSION),' -e "s,@PREFIX_FROM_PC@,$$from," -e "s,@PREFIX_FROM_CMAKE@,$$from," \
  -e "s,@LIBDIR@,$$(realpath -m --relative-to="$(PREFIX)" "$(LIBDIR)")," \
  -e "s,@INCLUDEDIR@,$$(realpath -m --relative-to="$(PREFIX)" "$(INCLUDEDIR)")," \
  pkgconfig/$1.in > "$(DESTDIR)$(LIBDIR)/$2/$1" && chmod 644 "$(DESTDIR)$(LIBDIR)/$2/$1"

# $(call install_missing,PAIRS): silent when everything is there.
install_missing = missing=; for pair in $1; do probe=$${pair%%:*}; \
  case $$probe in *.pc) pkg-config --exists $${probe%.pc};; *) command -v $$probe;; esac >/dev/null 2>&1 \
    || missing="$$missing $${pair\#\#*:}"; done; \
  if [ -n "$$missing" ]; then echo "installing:$$missing"; \
    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
    $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing; fi
