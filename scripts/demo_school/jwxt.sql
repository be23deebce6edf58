-- 教务管理系统（jwxt）：专业、培养方案、教学计划、排课、考试与成绩，教务处主管
-- 表前缀：jw_ 业务表，dm_ 代码表，sys_ 系统表

CREATE TABLE dm_kclb (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(40) NOT NULL
);
COMMENT ON TABLE dm_kclb IS '课程类别码';
COMMENT ON COLUMN dm_kclb.dm IS '代码';
COMMENT ON COLUMN dm_kclb.mc IS '名称';
INSERT INTO dm_kclb VALUES
    ('1', '公共基础课'), ('2', '专业基础课'), ('3', '专业核心课'), ('4', '专业拓展课'),
    ('5', '实践教学');

CREATE TABLE dm_ksxs (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(40) NOT NULL
);
COMMENT ON TABLE dm_ksxs IS '考核形式码';
COMMENT ON COLUMN dm_ksxs.dm IS '代码';
COMMENT ON COLUMN dm_ksxs.mc IS '名称';
INSERT INTO dm_ksxs VALUES
    ('1', '闭卷笔试'), ('2', '开卷笔试'), ('3', '机试'), ('4', '实操'),
    ('5', '过程考核');

CREATE TABLE jw_xnxq (
    xnxq varchar(11) PRIMARY KEY,
    kxrq date        NOT NULL,
    jsrq date,
    sfdq boolean     DEFAULT false
);
COMMENT ON TABLE jw_xnxq IS '学年学期表';
COMMENT ON COLUMN jw_xnxq.xnxq IS '学年学期';
COMMENT ON COLUMN jw_xnxq.kxrq IS '开学日期';
COMMENT ON COLUMN jw_xnxq.jsrq IS '结束日期';
COMMENT ON COLUMN jw_xnxq.sfdq IS '是否当前学期';
INSERT INTO jw_xnxq VALUES
    ('2023-2024-2', '2024-02-26', '2024-07-12', false),
    ('2024-2025-1', '2024-09-02', '2025-01-17', true);

CREATE TABLE jw_zy (
    zydm varchar(6)  PRIMARY KEY,
    zymc varchar(60) NOT NULL,
    yxdm varchar(2)  NOT NULL,
    xz   smallint    DEFAULT 3,
    szrq date,
    sfzs boolean     DEFAULT true
);
COMMENT ON TABLE jw_zy IS '专业信息表';
COMMENT ON COLUMN jw_zy.zydm IS '专业代码';
COMMENT ON COLUMN jw_zy.zymc IS '专业名称';
COMMENT ON COLUMN jw_zy.yxdm IS '院系代码';
COMMENT ON COLUMN jw_zy.xz IS '学制（年）';
COMMENT ON COLUMN jw_zy.szrq IS '设置日期';
COMMENT ON COLUMN jw_zy.sfzs IS '是否招生';
INSERT INTO jw_zy VALUES
    ('510203', '软件技术', '01', 3, '2003-09-01', true),
    ('510202', '计算机网络技术', '01', 3, '2001-09-01', true),
    ('460301', '机电一体化技术', '02', 3, '1998-09-01', true),
    ('460305', '工业机器人技术', '02', 3, '2016-09-01', true),
    ('420301', '工程测量技术', '03', 3, '1998-09-01', true),
    ('530302', '大数据与会计', '04', 3, '2002-09-01', true);

CREATE TABLE jw_bj (
    bjdm  varchar(8)  PRIMARY KEY,
    bjmc  varchar(40) NOT NULL,
    zydm  varchar(6)  NOT NULL REFERENCES jw_zy (zydm),
    nj    char(4),
    rs    smallint,
    bzrgh varchar(10)
);
COMMENT ON TABLE jw_bj IS '班级表';
COMMENT ON COLUMN jw_bj.bjdm IS '班级代码';
COMMENT ON COLUMN jw_bj.bjmc IS '班级名称';
COMMENT ON COLUMN jw_bj.zydm IS '专业代码';
COMMENT ON COLUMN jw_bj.nj IS '年级';
COMMENT ON COLUMN jw_bj.rs IS '人数';
COMMENT ON COLUMN jw_bj.bzrgh IS '班主任工号';
INSERT INTO jw_bj VALUES
    ('20230101', '软件 2301', '510203', '2023', 42, 'G2001'),
    ('20230102', '网络 2301', '510202', '2023', 38, 'G2002'),
    ('20230201', '机电 2301', '460301', '2023', 45, 'G2003'),
    ('20240101', '软件 2401', '510203', '2024', 44, 'G2001');

CREATE TABLE jw_kc (
    kch    varchar(10)  PRIMARY KEY,
    kcmc   varchar(80)  NOT NULL,
    kcywmc varchar(160),
    kclb   varchar(2)   REFERENCES dm_kclb (dm),
    xf     numeric(4,1) NOT NULL,
    zxs    smallint,
    sjxs   smallint,
    kkyx   varchar(2)
);
COMMENT ON TABLE jw_kc IS '课程信息表';
COMMENT ON COLUMN jw_kc.kch IS '课程号';
COMMENT ON COLUMN jw_kc.kcmc IS '课程名称';
COMMENT ON COLUMN jw_kc.kcywmc IS '课程英文名称';
COMMENT ON COLUMN jw_kc.kclb IS '课程类别码';
COMMENT ON COLUMN jw_kc.xf IS '学分';
COMMENT ON COLUMN jw_kc.zxs IS '总学时';
COMMENT ON COLUMN jw_kc.sjxs IS '实践学时';
COMMENT ON COLUMN jw_kc.kkyx IS '开课院系代码';
INSERT INTO jw_kc VALUES
    ('B010001', '程序设计基础', 'Programming Fundamentals', '2', 4.0, 64, 32, '01'),
    ('B010002', '数据库应用技术', 'Database Application', '3', 4.0, 64, 32, '01'),
    ('B020001', '电工电子技术', 'Electrical and Electronic Technology', '2', 4.5, 72, 24, '02'),
    ('B020005', '工业机器人编程与操作', 'Industrial Robot Programming', '3', 5.0, 80, 56, '02'),
    ('A000001', '高等数学', 'Advanced Mathematics', '1', 4.0, 64, 0, '05');

CREATE TABLE jw_pyfa (
    fabh varchar(20)  PRIMARY KEY,
    zydm varchar(6)   NOT NULL REFERENCES jw_zy (zydm),
    nj   char(4)      NOT NULL,
    zxf  numeric(5,1),
    pymb text,
    shrq date,
    fjlj varchar(200)
);
COMMENT ON TABLE jw_pyfa IS '人才培养方案表';
COMMENT ON COLUMN jw_pyfa.fabh IS '方案编号';
COMMENT ON COLUMN jw_pyfa.zydm IS '专业代码';
COMMENT ON COLUMN jw_pyfa.nj IS '适用年级';
COMMENT ON COLUMN jw_pyfa.zxf IS '毕业总学分';
COMMENT ON COLUMN jw_pyfa.pymb IS '培养目标';
COMMENT ON COLUMN jw_pyfa.shrq IS '审核日期';
INSERT INTO jw_pyfa VALUES
    ('2023-510203', '510203', '2023', 145.0, '面向软件开发与测试岗位的高素质技术技能人才', '2023-06-20', NULL),
    ('2023-460301', '460301', '2023', 148.0, '面向自动化设备安装调试岗位的高素质技术技能人才', '2023-06-20', NULL),
    ('2024-510203', '510203', '2024', 144.0, '面向软件开发与智能应用岗位的高素质技术技能人才', '2024-06-18', NULL);

CREATE TABLE jw_jxjh (
    fabh varchar(20)  NOT NULL REFERENCES jw_pyfa (fabh),
    kch  varchar(10)  NOT NULL REFERENCES jw_kc (kch),
    kkxq smallint     NOT NULL,
    zhxs numeric(3,1),
    ksxs varchar(2)   REFERENCES dm_ksxs (dm),
    sfbx boolean      DEFAULT true,
    PRIMARY KEY (fabh, kch)
);
COMMENT ON TABLE jw_jxjh IS '教学计划表（培养方案课程设置）';
COMMENT ON COLUMN jw_jxjh.fabh IS '方案编号';
COMMENT ON COLUMN jw_jxjh.kch IS '课程号';
COMMENT ON COLUMN jw_jxjh.kkxq IS '开课学期（1—6）';
COMMENT ON COLUMN jw_jxjh.zhxs IS '周学时';
COMMENT ON COLUMN jw_jxjh.ksxs IS '考核形式码';
COMMENT ON COLUMN jw_jxjh.sfbx IS '是否必修';
INSERT INTO jw_jxjh VALUES
    ('2023-510203', 'B010001', 1, 4.0, '3', true),
    ('2023-510203', 'B010002', 3, 4.0, '3', true),
    ('2023-510203', 'A000001', 1, 4.0, '1', true),
    ('2023-460301', 'B020001', 2, 4.5, '1', true),
    ('2023-460301', 'B020005', 4, 5.0, '4', true);

CREATE TABLE jw_cdxx (
    cdbh  varchar(10) PRIMARY KEY,
    cdmc  varchar(40) NOT NULL,
    xqdm  varchar(2),
    zws   smallint,
    kszws smallint,
    cdlb  varchar(20)
);
COMMENT ON TABLE jw_cdxx IS '教学场地表';
COMMENT ON COLUMN jw_cdxx.cdbh IS '场地编号';
COMMENT ON COLUMN jw_cdxx.cdmc IS '场地名称';
COMMENT ON COLUMN jw_cdxx.xqdm IS '校区代码';
COMMENT ON COLUMN jw_cdxx.zws IS '座位数';
COMMENT ON COLUMN jw_cdxx.kszws IS '考试座位数';
COMMENT ON COLUMN jw_cdxx.cdlb IS '场地类别';
INSERT INTO jw_cdxx VALUES
    ('J1-101', '第一教学楼 101', '1', 120, 60, '多媒体教室'),
    ('J1-203', '第一教学楼 203', '1', 60, 30, '智慧教室'),
    ('S2-305', '实训楼 305', '1', 50, 50, '机房');

CREATE TABLE jw_jxrw (
    rwbh varchar(30) PRIMARY KEY,
    xnxq varchar(11) NOT NULL REFERENCES jw_xnxq (xnxq),
    kch  varchar(10) NOT NULL REFERENCES jw_kc (kch),
    bjdm varchar(8)  REFERENCES jw_bj (bjdm),
    jsgh varchar(10),
    qszc smallint,
    jszc smallint
);
COMMENT ON TABLE jw_jxrw IS '教学任务表';
COMMENT ON COLUMN jw_jxrw.rwbh IS '任务编号（选课课号）';
COMMENT ON COLUMN jw_jxrw.xnxq IS '学年学期';
COMMENT ON COLUMN jw_jxrw.kch IS '课程号';
COMMENT ON COLUMN jw_jxrw.bjdm IS '班级代码';
COMMENT ON COLUMN jw_jxrw.jsgh IS '任课教师工号';
COMMENT ON COLUMN jw_jxrw.qszc IS '起始周';
COMMENT ON COLUMN jw_jxrw.jszc IS '结束周';
INSERT INTO jw_jxrw VALUES
    ('2024-2025-1-B010002-01', '2024-2025-1', 'B010002', '20230101', 'G2001', 1, 16),
    ('2024-2025-1-B010001-01', '2024-2025-1', 'B010001', '20240101', 'G2004', 1, 16),
    ('2024-2025-1-B020001-01', '2024-2025-1', 'B020001', '20230201', 'G2003', 1, 18);

CREATE TABLE jw_pkb (
    pkid bigint      PRIMARY KEY,
    rwbh varchar(30) NOT NULL REFERENCES jw_jxrw (rwbh),
    cdbh varchar(10) REFERENCES jw_cdxx (cdbh),
    xqj  smallint,
    jc   varchar(10),
    dsz  char(1)
);
COMMENT ON TABLE jw_pkb IS '排课表';
COMMENT ON COLUMN jw_pkb.pkid IS '排课编号';
COMMENT ON COLUMN jw_pkb.rwbh IS '任务编号';
COMMENT ON COLUMN jw_pkb.cdbh IS '场地编号';
COMMENT ON COLUMN jw_pkb.xqj IS '星期几';
COMMENT ON COLUMN jw_pkb.jc IS '节次';
COMMENT ON COLUMN jw_pkb.dsz IS '单双周（0 全部，1 单周，2 双周）';
INSERT INTO jw_pkb VALUES
    (1, '2024-2025-1-B010002-01', 'S2-305', 1, '1-2', '0'),
    (2, '2024-2025-1-B010002-01', 'S2-305', 3, '3-4', '0'),
    (3, '2024-2025-1-B010001-01', 'J1-203', 2, '1-2', '0'),
    (4, '2024-2025-1-B020001-01', 'J1-101', 4, '5-6', '0');

CREATE TABLE jw_tkd (
    tkid bigint       PRIMARY KEY,
    rwbh varchar(30)  NOT NULL REFERENCES jw_jxrw (rwbh),
    tklx varchar(10),
    yssj varchar(40),
    xsj  varchar(40),
    yy   varchar(200),
    shzt char(1)      DEFAULT 0
);
COMMENT ON TABLE jw_tkd IS '调停课单';
COMMENT ON COLUMN jw_tkd.tkid IS '调课单号';
COMMENT ON COLUMN jw_tkd.rwbh IS '任务编号';
COMMENT ON COLUMN jw_tkd.tklx IS '类型（调课、停课、代课）';
COMMENT ON COLUMN jw_tkd.yssj IS '原上课时间';
COMMENT ON COLUMN jw_tkd.xsj IS '新上课时间';
COMMENT ON COLUMN jw_tkd.yy IS '原因';
COMMENT ON COLUMN jw_tkd.shzt IS '审核状态';
INSERT INTO jw_tkd VALUES
    (1, '2024-2025-1-B010002-01', '调课', '第 6 周星期一 1-2 节', '第 6 周星期五 1-2 节', '参加教研活动', '2'),
    (2, '2024-2025-1-B020001-01', '停课', '第 9 周星期四 5-6 节', NULL, '运动会', '2');

CREATE TABLE jw_ksap (
    ksid bigint      PRIMARY KEY,
    rwbh varchar(30) NOT NULL REFERENCES jw_jxrw (rwbh),
    kssj timestamp,
    kssc smallint,
    cdbh varchar(10) REFERENCES jw_cdxx (cdbh),
    jkjs varchar(60)
);
COMMENT ON TABLE jw_ksap IS '考试安排表';
COMMENT ON COLUMN jw_ksap.ksid IS '考试编号';
COMMENT ON COLUMN jw_ksap.rwbh IS '任务编号';
COMMENT ON COLUMN jw_ksap.kssj IS '考试时间';
COMMENT ON COLUMN jw_ksap.kssc IS '考试时长（分钟）';
COMMENT ON COLUMN jw_ksap.cdbh IS '考场';
COMMENT ON COLUMN jw_ksap.jkjs IS '监考教师工号';
INSERT INTO jw_ksap VALUES
    (1, '2024-2025-1-B010002-01', '2025-01-08 09:00:00', 120, 'S2-305', 'G2004'),
    (2, '2024-2025-1-B020001-01', '2025-01-09 14:00:00', 120, 'J1-101', 'G2001');

CREATE TABLE jw_cj (
    xh   varchar(12)  NOT NULL,
    rwbh varchar(30)  NOT NULL REFERENCES jw_jxrw (rwbh),
    pscj numeric(5,1),
    qmcj numeric(5,1),
    zpcj numeric(5,1),
    jd   numeric(3,1),
    lrsj timestamp,
    PRIMARY KEY (xh, rwbh)
);
COMMENT ON TABLE jw_cj IS '学生成绩表';
COMMENT ON COLUMN jw_cj.xh IS '学号';
COMMENT ON COLUMN jw_cj.rwbh IS '任务编号';
COMMENT ON COLUMN jw_cj.pscj IS '平时成绩';
COMMENT ON COLUMN jw_cj.qmcj IS '期末成绩';
COMMENT ON COLUMN jw_cj.zpcj IS '总评成绩';
COMMENT ON COLUMN jw_cj.jd IS '绩点';
COMMENT ON COLUMN jw_cj.lrsj IS '录入时间';
INSERT INTO jw_cj VALUES
    ('2023010101', '2024-2025-1-B010002-01', 88.0, 82.0, 84.4, 3.4, '2025-01-12 10:00:00'),
    ('2023010102', '2024-2025-1-B010002-01', 92.0, 90.0, 90.8, 4.0, '2025-01-12 10:01:00'),
    ('2023020101', '2024-2025-1-B020001-01', 70.0, 61.0, 64.6, 1.4, '2025-01-13 16:20:00');

CREATE TABLE jw_cjss (
    ssid bigint       PRIMARY KEY,
    xh   varchar(12)  NOT NULL,
    rwbh varchar(30)  REFERENCES jw_jxrw (rwbh),
    sqly varchar(300),
    fhjg varchar(100),
    sqsj timestamp
);
COMMENT ON TABLE jw_cjss IS '成绩复核申请表';
COMMENT ON COLUMN jw_cjss.ssid IS '申请编号';
COMMENT ON COLUMN jw_cjss.xh IS '学号';
COMMENT ON COLUMN jw_cjss.rwbh IS '任务编号';
COMMENT ON COLUMN jw_cjss.sqly IS '申请理由';
COMMENT ON COLUMN jw_cjss.fhjg IS '复核结果';
INSERT INTO jw_cjss VALUES
    (1, '2023020101', '2024-2025-1-B020001-01', '申请复核期末卷面分', '维持原成绩', '2025-01-16 09:30:00');

CREATE TABLE jw_jc (
    jcid bigint       PRIMARY KEY,
    kch  varchar(10)  NOT NULL REFERENCES jw_kc (kch),
    isbn varchar(17),
    jcmc varchar(100) NOT NULL,
    cbs  varchar(60),
    ghjc boolean      DEFAULT false
);
COMMENT ON TABLE jw_jc IS '教材选用表';
COMMENT ON COLUMN jw_jc.jcid IS '教材编号';
COMMENT ON COLUMN jw_jc.kch IS '课程号';
COMMENT ON COLUMN jw_jc.isbn IS '书号';
COMMENT ON COLUMN jw_jc.jcmc IS '教材名称';
COMMENT ON COLUMN jw_jc.cbs IS '出版社';
COMMENT ON COLUMN jw_jc.ghjc IS '是否规划教材';
INSERT INTO jw_jc VALUES
    (1, 'B010001', NULL, '程序设计基础（活页式）', '示例出版社', true),
    (2, 'B020001', NULL, '电工电子技术', '示例出版社', false);

CREATE TABLE jw_zyk (
    zyid bigint        PRIMARY KEY,
    kch  varchar(10)   REFERENCES jw_kc (kch),
    zymc varchar(100)  NOT NULL,
    zylx varchar(20),
    wjdx numeric(10,2),
    scsj timestamp
);
COMMENT ON TABLE jw_zyk IS '数字教学资源表';
COMMENT ON COLUMN jw_zyk.zyid IS '资源编号';
COMMENT ON COLUMN jw_zyk.kch IS '课程号';
COMMENT ON COLUMN jw_zyk.zymc IS '资源名称';
COMMENT ON COLUMN jw_zyk.zylx IS '资源类型（课件、微课、题库、虚拟仿真）';
COMMENT ON COLUMN jw_zyk.wjdx IS '文件大小（MB）';
COMMENT ON COLUMN jw_zyk.scsj IS '上传时间';
INSERT INTO jw_zyk VALUES
    (1, 'B010001', '循环结构微课', '微课', 86.40, '2024-09-10 08:30:00'),
    (2, 'B010002', 'SQL 练习题库', '题库', 2.10, '2024-09-18 14:00:00'),
    (3, 'B020005', '机器人搬运虚拟仿真', '虚拟仿真', 640.00, '2024-10-08 11:00:00');

CREATE TABLE jw_sxjh (
    jhid bigint      PRIMARY KEY,
    bjdm varchar(8)  NOT NULL REFERENCES jw_bj (bjdm),
    yxdm varchar(2)  NOT NULL,
    qsrq date,
    jsrq date,
    zdjs varchar(10)
);
COMMENT ON TABLE jw_sxjh IS '岗位实习计划表';
COMMENT ON COLUMN jw_sxjh.jhid IS '计划编号';
COMMENT ON COLUMN jw_sxjh.bjdm IS '班级代码';
COMMENT ON COLUMN jw_sxjh.yxdm IS '负责院系';
COMMENT ON COLUMN jw_sxjh.qsrq IS '开始日期';
COMMENT ON COLUMN jw_sxjh.jsrq IS '结束日期';
COMMENT ON COLUMN jw_sxjh.zdjs IS '指导教师工号';
INSERT INTO jw_sxjh VALUES
    (1, '20230101', '01', '2025-07-07', '2026-01-09', 'G2001'),
    (2, '20230201', '02', '2025-07-07', '2026-01-09', 'G2003');

CREATE TABLE sys_yh (
    yhm  varchar(30) PRIMARY KEY,
    yhlx varchar(10),
    js   varchar(60),
    zt   char(1)     DEFAULT 1
);
COMMENT ON COLUMN sys_yh.yhm IS '用户名';
COMMENT ON COLUMN sys_yh.yhlx IS '用户类型';
COMMENT ON COLUMN sys_yh.js IS '角色';
COMMENT ON COLUMN sys_yh.zt IS '账号状态';
INSERT INTO sys_yh VALUES
    ('admin', '管理员', '系统管理员', '1'),
    ('jwy01', '教务员', '院系教务', '1');

CREATE VIEW v_jw_kcb AS
SELECT r.xnxq, b.bjmc, k.kcmc, p.xqj, p.jc, c.cdmc, r.jsgh
  FROM jw_pkb p
  JOIN jw_jxrw r ON r.rwbh = p.rwbh
  JOIN jw_kc k ON k.kch = r.kch
  LEFT JOIN jw_bj b ON b.bjdm = r.bjdm
  LEFT JOIN jw_cdxx c ON c.cdbh = p.cdbh;
COMMENT ON VIEW v_jw_kcb IS '课表视图（按班级）';

CREATE VIEW v_jw_cjtj AS
SELECT r.xnxq, k.kch, k.kcmc, count(*) AS ckrs, round(avg(c.zpcj), 1) AS pjf
  FROM jw_cj c
  JOIN jw_jxrw r ON r.rwbh = c.rwbh
  JOIN jw_kc k ON k.kch = r.kch
 GROUP BY r.xnxq, k.kch, k.kcmc;
COMMENT ON VIEW v_jw_cjtj IS '课程成绩统计视图（不含个人信息）';
