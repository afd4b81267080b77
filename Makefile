# SPDX-License-Identifier: GPL-2.0-or-later
# `make lab` shows what this is, `make check` proves it.  Meson does the work; see meson.build.
BUILDDIR ?= build
FUZZ_SECONDS ?= 60

.PHONY: all deps build lab check fuzz install clean
all: build

deps:
	@tools/deps build lab check

build:
	@tools/deps build
	@test -e $(BUILDDIR)/build.ninja || meson setup $(BUILDDIR)
	ninja -C $(BUILDDIR)

lab: build
	@tools/deps lab
	lab/demo

check: deps
	tools/check

fuzz: deps
	tools/build-clang
	tools/run-fuzz $(FUZZ_SECONDS)

install: build
	meson install -C $(BUILDDIR) --no-rebuild

clean:
	rm -rf $(BUILDDIR) build-clang
