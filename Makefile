# The entry points of the project; `make help` lists them. What ships is built as Embedded Swift and linked here,
# not by SwiftPM: see docs/decisions.md.

PREFIX = /usr/local
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
DESTDIR =

CC = cc
LD = ld
OBJCOPY = objcopy
STRIP_FLAG = -s
# The toolchain's own clang and lld: Debian's linkers cannot fold functions whose code is the same.
LINKER = $(dir $(shell readlink -f $$(command -v swiftc)))clang -fuse-ld=lld

VERSION := $(shell sed -n 's/^\#define LLM_VERSION "\(.*\)"/\1/p' include/llm_provider.h)
SOVERSION := 0
HEADERS := $(wildcard include/*.h)
SOURCES := $(shell find Sources build-aux -type f) $(wildcard include/*) Package.swift Makefile docs/symbols.txt \
  pkgconfig/llmprovider.map
SYMBOLS := $(shell cut -d' ' -f1 docs/symbols.txt)

# The build's own copy of the installed tree, which the tests, the examples and the benchmark use.
STAGE := $(CURDIR)/build/prefix
TO_STAGE := PREFIX="$(STAGE)" LIBDIR="$(STAGE)/lib" INCLUDEDIR="$(STAGE)/include" DESTDIR=

SCRATCH := build/embedded

# Code size is a promise: optimize for it, compile all files at once, share equal instruction sequences (also of the
# copies that generic code is made into), keep each function in a section of its own so that the linker can drop it, and
# call what would be inlined hundreds of times: the standard library's string comparison, retain and release, and CALLED:
# String.append and +, Array.append of documents and of strings, the next byte of a string. Loops and closures are not
# copied to be specialized, and the traps of a function are one. Exclusive access is checked by the compiler, not at run
# time: a trap would be the host's crash.
# (SwiftPM does not build anew when flags change, so they are kept beside what they made.)
CALLED := eSS6appendyySSF eSS1poiyS2S_SStFZ eSa6appendyyxnF14LLMProviderABI4JSONV_Tg5 eSa6appendyyxnFSS_Tg5 \
  es16IndexingIteratorV4next7ElementQzSgyFSS8UTF8ViewV_Tg5
SIZE_FLAGS := -Osize -num-threads 0 -enforce-exclusivity=unchecked $(addprefix -Xfrontend ,-function-sections -mergeable-traps) \
  $(addprefix -Xllvm ,-enable-machine-outliner=always -enable-linkonceodr-outlining \
    -sil-inline-never-functions=_stringCompareWithSmolCheck $(CALLED:%=-sil-inline-never-function=\$$%) \
    -force-attribute=swift_retain:noinline -force-attribute=swift_release:noinline \
    -sil-disable-pass=loop-rotate -sil-disable-pass=loop-unroll -sil-disable-pass=closure-specialize)
# The functions that every call runs through, in that order. They are not cut into shared pieces, and they lie side by
# side: a single call costs little but the instructions that have to be fetched. `make hot` measures them anew; a name
# that is gone does no harm.
HOT := build-aux/hot-functions.txt
SIZE_FLAGS += -Xllvm -forceattrs-csv-path=$(SCRATCH)/hot.csv
SWIFT_BUILD := LLM_EMBEDDED=1 swift build -c release --target LLMProviderABI --scratch-path $(SCRATCH) \
  $(addprefix -Xswiftc ,$(SIZE_FLAGS))
OBJECTS := $(foreach module,LLMProviderABI LLMEmbeddedUnicode,$(SCRATCH)/release/$(module).build/$(module).o)
# All that Swift's runtime and the library's own code ask for memory by.
ALLOCATOR := malloc calloc realloc posix_memalign free
SHARED := build/lib/libllmprovider.so.$(VERSION)
STATIC := build/lib/libllmprovider.a

# The store in Redis is a library of its own, so that the other one needs no more than it does.
REDIS := build/lib/libllmprovider-redis.so.$(VERSION)

# What the targets need, as `command or pkg-config module : Debian package`.
BUILD_DEPS := cc:gcc ld:binutils pkg-config:pkg-config libcurl.pc:libcurl4-openssl-dev jansson.pc:libjansson-dev
REDIS_DEPS := cc:gcc pkg-config:pkg-config hiredis.pc:libhiredis-dev jansson.pc:libjansson-dev
TEST_DEPS := $(BUILD_DEPS) g++:g++ openssl.pc:libssl-dev zlib.pc:zlib1g-dev valgrind:valgrind cmake:cmake \
  python3:python3 curl:curl openssl:openssl nghttpd:nghttp2-server clang-format:clang-format git:git $(REDIS_DEPS) \
  redis-server:redis-server

.PHONY: help demo build redis test check bench hot torture fuzz format install install-redis uninstall dist clean deps deps-redis \
  deps-test stage

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: deps stage ## Build, then hold a short conversation with whatever provider the environment offers
	@$(CC) -O2 examples-c/chat.c -o build/chat \
	  $$(PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig pkg-config --cflags --libs llm-provider jansson)
	@printf '%s\n' 'Hello! Who are you?' 'Say that in five words.' /quit | \
	  LD_LIBRARY_PATH=$(STAGE)/lib build/chat --config '{"type":"auto"}'

build: $(SHARED) ## Build the shared and the static library into build/lib

# One object, of which nothing but llm_* can be seen, makes both libraries. Groups are dissolved in it, since a linker
# that finds the same group in another Swift library would discard ours and leave the local symbols in it dangling.
# What it asks of the allocator it asks of Sources/CMemory, which has a reserve (docs/internals/memory.md).
$(SHARED) $(STATIC) &: $(SOURCES) | deps
	@(echo '$(SIZE_FLAGS)'; cat $(HOT)) | cmp -s - $(SCRATCH)/flags || rm -rf $(SCRATCH)
	@mkdir -p $(SCRATCH)
	@sed 's/$$/,nooutline=1/' $(HOT) > $(SCRATCH)/hot.csv
	$(SWIFT_BUILD)
	@(echo '$(SIZE_FLAGS)'; cat $(HOT)) > $(SCRATCH)/flags
	@mkdir -p build/lib
	@$(LD) -r --gc-sections --force-group-allocation $(SYMBOLS:%=-u %) -o build/unguarded.o $(OBJECTS)
	@$(OBJCOPY) $(foreach name,$(ALLOCATOR),--redefine-sym $(name)=guarded_$(name)) build/unguarded.o
	@$(LD) -r -o build/llmprovider.o build/unguarded.o $(SCRATCH)/release/CMemory.build/memory.c.o
	$(OBJCOPY) --wildcard --keep-global-symbol='llm_*' --remove-section=.swift1_autolink_entries \
	  --remove-section=.swift_modhash --remove-section=.eh_frame --remove-section=.rela.eh_frame build/llmprovider.o
	$(LINKER) -shared -o $(SHARED) build/llmprovider.o $(STRIP_FLAG) -Wl,-soname,libllmprovider.so.$(SOVERSION) \
	  -Wl,--version-script=pkgconfig/llmprovider.map -Wl,--gc-sections,--icf=all,-O2 \
	  -Wl,--symbol-ordering-file=$(HOT),--no-warn-symbol-ordering \
	  -Wl,-z,now,-z,relro,-z,defs,-z,noexecstack,-z,pack-relative-relocs \
	  -Wl,--as-needed $$(pkg-config --libs libcurl jansson)
	$(OBJCOPY) --strip-unneeded build/llmprovider.o build/lib/llmprovider.o
	@rm -f $(STATIC)
	ar rcsD $(STATIC) build/lib/llmprovider.o

redis: $(REDIS) ## Build the store in Redis or Valkey, a library of its own, into build/lib

$(REDIS): $(wildcard redis/*) $(wildcard include/*.h) Makefile | deps-redis
	@mkdir -p build/lib
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -fPIC -fvisibility=hidden -shared -Iinclude -Iredis redis/*.c -o $@ \
	  -Wl,-soname,libllmprovider-redis.so.$(SOVERSION),--version-script=redis/exports.map -Wl,-z,now,-z,relro,-z,defs -s \
	  $$(pkg-config --cflags --libs hiredis jansson) -pthread

test: deps-test ## Run everything: Swift tests, and the C suite and examples against the installed library
	swift test
	@$(MAKE) --no-print-directory stage
	@$(MAKE) --no-print-directory install-redis $(TO_STAGE)
	@Tests/run.sh $(STAGE)

check: deps-test ## Formatting, header and layer rules
	swift format lint --strict -r Sources Tests Package.swift
	clang-format -n --Werror $$(git ls-files '*.c' '*.h')
	@Tests/headers/check.sh
	@Tests/layers.sh

bench: deps-test stage ## Measure against a client written by hand with libcurl and jansson
	python3 bench/run.py --prefix $(STAGE)

hot: deps-test ## Find out anew which functions every call runs through (build-aux/hot-functions.txt)
	@rm -f $(SHARED)
	$(MAKE) stage STRIP_FLAG=
	python3 bench/hot.py --prefix $(STAGE) > build/hot-functions.txt
	mv build/hot-functions.txt $(HOT)
	@rm -f $(SHARED)

torture: deps-test stage ## Fail every allocation and every operation of the network and of files, one after the other
	Tests/torture/run.sh $(STAGE)

FUZZ_SECONDS = 60

fuzz: deps-test ## Feed the framers, the scanner and the dialects with hostile bytes
	for target in sse ndjson eventstream json hotpath joiner dialects requests; do \
	  Tests/fuzz/run.sh $$target $(FUZZ_SECONDS) || exit; \
	done

format: ## Format all sources in place
	swift format -i -r Sources Tests Package.swift
	clang-format -i $$(git ls-files '*.c' '*.h')

install: $(SHARED) ## Install to PREFIX (default /usr/local), below DESTDIR if set
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(LIBDIR)/cmake/llm-provider" "$(DESTDIR)$(INCLUDEDIR)"
	install -m 755 $(SHARED) "$(DESTDIR)$(LIBDIR)"
	ln -sf libllmprovider.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider.so.$(SOVERSION)"
	ln -sf libllmprovider.so.$(SOVERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider.so"
	install -m 644 $(STATIC) "$(DESTDIR)$(LIBDIR)"
	install -m 644 $(HEADERS) "$(DESTDIR)$(INCLUDEDIR)"
	@$(call fill,llm-provider.pc,pkgconfig)
	@$(call fill,llm-provider-config.cmake,cmake/llm-provider)
	@$(call fill,llm-provider-config-version.cmake,cmake/llm-provider)
	@# Only where the dynamic linker looks by itself, and never for a package's staging directory.
	@case "$(DESTDIR)$(LIBDIR)" in /usr/*|/lib*) if [ "$$(id -u)" = 0 ]; then ldconfig; fi;; esac

install-redis: $(REDIS) ## Install the store in Redis to PREFIX as well
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)"
	install -m 755 $(REDIS) "$(DESTDIR)$(LIBDIR)"
	ln -sf libllmprovider-redis.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider-redis.so.$(SOVERSION)"
	ln -sf libllmprovider-redis.so.$(SOVERSION) "$(DESTDIR)$(LIBDIR)/libllmprovider-redis.so"
	install -m 644 redis/llm_provider_redis.h "$(DESTDIR)$(INCLUDEDIR)"
	@$(call fill,llm-provider-redis.pc,pkgconfig)
	@case "$(DESTDIR)$(LIBDIR)" in /usr/*|/lib*) if [ "$$(id -u)" = 0 ]; then ldconfig; fi;; esac

uninstall: ## Remove what install has put below PREFIX
	rm -f $(foreach file,libllmprovider.so.$(VERSION) libllmprovider.so.$(SOVERSION) libllmprovider.so \
	  libllmprovider.a pkgconfig/llm-provider.pc cmake/llm-provider/llm-provider-config.cmake \
	  cmake/llm-provider/llm-provider-config-version.cmake,"$(DESTDIR)$(LIBDIR)/$(file)") \
	  $(foreach file,libllmprovider-redis.so.$(VERSION) libllmprovider-redis.so.$(SOVERSION) libllmprovider-redis.so \
  pkgconfig/llm-provider-redis.pc,"$(DESTDIR)$(LIBDIR)/$(file)") \
  $(foreach header,$(notdir $(HEADERS)) llm_provider_redis.h,"$(DESTDIR)$(INCLUDEDIR)/$(header)")
	@if [ -d "$(DESTDIR)$(LIBDIR)/cmake/llm-provider" ]; then rmdir "$(DESTDIR)$(LIBDIR)/cmake/llm-provider"; fi

dist: ## Make a source archive of the last commit
	@mkdir -p build
	git archive --prefix=llm-provider-$(VERSION)/ HEAD | xz > build/llm-provider-$(VERSION).tar.xz

clean: ## Remove everything that was built
	rm -rf build .build

stage:
	@$(MAKE) --no-print-directory install $(TO_STAGE)

deps: ## Install the Debian packages that building needs, where missing
	@$(call install_missing,$(BUILD_DEPS))

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
