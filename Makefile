# Reverie: the short commands; Meson and Ninja do the work. `make help` lists them.
#
#   make            build under build/ (lists missing packages)
#   make demo       draw the example pictures, paint one and a video, dream on one, train on drawings: demo/
#   make demo-video  paint a video of three seconds, and dream on it; takes some minutes
#   make test       run the tests, in minutes; make check: the tests that CI adds; make check-all: all tests, in hours
#   make check-web  test the studio and the exported page in Chromium; make check-gimp: the plug-in in GIMP;
#                   make check-machines: several ranks, with Open MPI and with MPICH
#   make asan, make tsan    tests under AddressSanitizer, or ThreadSanitizer; TESTS='json op': only these tests
#   make fuzz TARGET=json   test a reader with files made by libFuzzer; RUNS=1000000: number of files
#   make coverage   lines and branches that the tests reach, by folder; TESTS='json op': only these tests
#   make tidy       clang-tidy on all C files, or FILES='src/base/json.c'; make hooks: format and style before each commit
#   make demo-machines  paint the picture of the demo on two ranks
#   make bench      speed and memory, and changes since the previous run; PEERS=1: compare with PyTorch and
#                   Keras, which need 10 GB of disk
#   make setup      install missing packages (apt)
#   make dist       dist/reverie-VERSION.tar.gz; make deb: Debian packages of this release;
#                   make check-deb: test the packages on Debian 12 and 13
#   make bundle     the program with its libraries as an archive, and the Python package for pip;
#                   make check-bundle: test both on Debian 12 and 13
#   make files      dist, deb and bundle, with a list of checksums; make release: tools/abi.sh, check-all, then files,
#                   in hours: see RELEASING.md
#   make doc        the public API as pages: build/doc/api/index.html
#   make install, make uninstall    PREFIX=/usr/local, DESTDIR=

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
MESON_OPTIONS ?=

.PHONY: all help setup ready demo demo-video demo-machines test check check-all check-web check-gimp check-machines check-root check-arm check-deb check-bundle asan tsan fuzz coverage tidy hooks dist deb bundle files release bench doc install uninstall clean format

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

help:
	@sed -n 's/^#   //p' Makefile

# `make` alone only lists missing packages; demo, test, check and bench install them.
$(BUILD)/build.ninja:
	@tools/setup.sh --say build
	@meson setup $(BUILD) --prefix="$(PREFIX)" $(MESON_OPTIONS) >$(BUILD)-setup.log 2>&1 || (cat $(BUILD)-setup.log; exit 1)
	@mv $(BUILD)-setup.log $(BUILD)/setup.log
	@grep -h 'WARNING: oneDNN' $(BUILD)/setup.log || true

setup:
	@tools/setup.sh build

ready:
	@tools/setup.sh build
	@$(MAKE) --no-print-directory all

# Builds only the programs that the demo uses: users see the demo first, and the whole build takes longer.
demo:
	@tools/setup.sh build
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD) src/cli/reverie examples/pictures/draw examples/sheet
	@tools/demo.sh $(BUILD)

demo-video: ready
	@tools/demo-video.sh $(BUILD)

# Installs MPI before the build, which then includes the module for MPI.
demo-machines:
	@tools/setup.sh machines
	@$(MAKE) --no-print-directory ready
	@tools/demo-machines.sh $(BUILD)

test: ready
	@tools/run-tests.sh $(BUILD) --no-suite long --no-suite apart

check: ready
	@tools/setup.sh check
	@tools/setup.sh web || true # without a browser, its tests are skipped
	@for part in gpu gimp machines; do tools/setup.sh $$part || true; done # tests of missing parts are skipped
	@tools/check.sh

check-all: ready
	@tools/setup.sh check
	@for part in gpu web gimp machines arm; do tools/setup.sh $$part || true; done # tests of missing parts are skipped
	@tools/check.sh --all

check-web: ready
	@tools/setup.sh web
	@tools/check.sh web

check-gimp: ready
	@tools/setup.sh gimp
	@tools/check.sh gimp
check-machines: ready
	@tools/setup.sh machines
	@tools/check.sh machines

check-root: ready
	@tools/setup.sh check
	@tools/check-root.sh trixie

check-arm:
	@tools/setup.sh build
	@tools/setup.sh arm
	@tools/check-arm.sh

check-deb:
	@tools/setup.sh check
	@tools/check-deb.sh bookworm trixie

check-bundle: bundle
	@tools/setup.sh check
	@tools/check-bundle.sh bookworm trixie

asan:
	@tools/setup.sh build
	@REVERIE_CHECK_ONLY="$(TESTS)" tools/check.sh sanitize

tsan:
	@tools/setup.sh build
	@REVERIE_CHECK_ONLY="$(TESTS)" tools/check.sh threads

# Without TARGET, lists the targets.
fuzz:
	@tools/setup.sh build
	@tools/setup.sh check
	@REVERIE_CHECK_ONLY="$(or $(TARGET),none)" REVERIE_FUZZ_RUNS="$(RUNS)" tools/check.sh fuzz

coverage:
	@tools/setup.sh build
	@tools/setup.sh dev
	@tools/coverage.sh $(TESTS)

dist:
	@tools/dist.sh

deb:
	@tools/setup.sh build
	@tools/setup.sh deb
	@tools/deb.sh

bundle:
	@tools/setup.sh build
	@tools/setup.sh bundle
	@tools/bundle.sh

files:
	@rm -rf dist
	@$(MAKE) --no-print-directory dist deb bundle
	@cd dist && sha256sum [!S]* >SHA256SUMS && cat SHA256SUMS

release:
	@tools/setup.sh dev
	@tools/abi.sh
	@$(MAKE) --no-print-directory check-all
	@$(MAKE) --no-print-directory files

bench: ready
	@if command -v python3 >/dev/null; then \
	  bench/results.py bench/results record bench/run.sh $(BUILD) && { bench/results.py bench/results compare || true; }; \
	else bench/run.sh $(BUILD); fi
	@[ -z "$(PEERS)" ] || bench/peers.sh $(BUILD)

doc: ready
	@tools/setup.sh doc
	@meson setup --reconfigure $(BUILD) >/dev/null
	@ninja -C $(BUILD) api-doc
	@echo "$(BUILD)/doc/api/index.html"

install: all
	@meson configure $(BUILD) --prefix="$(PREFIX)"
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD)
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || PATH="$$PATH:/sbin" ldconfig || true # finds a new library

uninstall:
	@ninja -C $(BUILD) uninstall

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

tidy: $(BUILD)/build.ninja
	@tools/setup.sh dev
	@tools/tidy.sh $(BUILD) $(FILES)

hooks:
	@tools/setup.sh dev
	@ln -sf "$$(pwd)/tools/pre-commit.sh" "$$(git rev-parse --git-path hooks)/pre-commit"

clean:
	@rm -rf $(BUILD) demo
