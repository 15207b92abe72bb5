# make run    installs what is missing, builds, makes demo data, starts everything on loopback
# make test   installs what the tests need and runs all of them
# make build  leaves build/isigurt      make bench, make fuzz, make clean
DATA ?= demo

.PHONY: build run test bench fuzz clean install packages
build: packages
	@[ -f build/build.ninja ] || meson setup build --buildtype=release >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ninja -C build

packages:
	@tools/install-packages build

run: build
	@[ -d $(DATA) ] || build/isigurt init --data $(DATA) --demo
	@exec build/isigurt serve --data $(DATA)

test: packages
	@tools/install-packages test
	@exec tests/run

bench: build
	@tools/install-packages test bench
	@exec bench/run

fuzz: packages
	@tools/install-packages test
	@exec tests/run --fuzz 30

install: build
	DESTDIR=$(DESTDIR) meson install -C build

clean:
	rm -rf build build-asan build-tsan $(DATA) $(DATA)-keys
