/* replay.c - the fuzz targets without libFuzzer: each file that is named, once */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void replay(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t size = (size_t)1 << 20;
	uint8_t *data = f ? malloc(size) : NULL;
	size_t n = data ? fread(data, 1, size, f) : 0;
	uint8_t *exact = n ? realloc(data, n) : data;

	if (!exact || n == size) {
		perror(path);
		exit(2);
	}
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

int main(int argc, char **argv)
{
	(void)LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
