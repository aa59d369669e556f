/* Counts the instructions that a program executes under qemu's user mode
 * emulation, in a file that can be read meanwhile: 8 bytes, this machine's
 * order. The kernel's instructions are not emulated, hence not counted.
 *
 *   gcc -shared -fPIC -o count.so count.c
 *   truncate -s 8 count && qemu-mipsel -plugin ./count.so,into=count PROGRAM
 *
 * Debian ships qemu without its plugin header. What is used of it is declared
 * here; it is the same since version 1 of the interface, qemu 4.2.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

struct qemu_plugin_tb; /* a stretch of code without jumps into it */
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*)(uint64_t id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned cpu, void *), int flags, void *);

int qemu_plugin_version = 1;

static uint64_t *count;

static void executed(unsigned cpu, void *instructions)
{
	__atomic_fetch_add(count, (uintptr_t)instructions, __ATOMIC_RELAXED);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, (void *)qemu_plugin_tb_n_insns(tb));
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	int fd = argc == 1 && !strncmp(argv[0], "into=", 5) ? open(argv[0] + 5, O_RDWR) : -1;
	count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (count == MAP_FAILED)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
