"""Personal information: which columns are recognised by name and comment, and which only look alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from campus_catalog.register.loader import load_content
from campus_catalog.regulation.loader import Regulation


@pytest.mark.parametrize(
    ("name", "comment", "kind"),
    [
        ("sfzh", None, "identity-number"),
        ("SFZJH", "", "identity-number"),
        ("jz_sfzh", "家长证号", "identity-number"),
        ("idCard", None, "identity-number"),
        ("zjhm", None, "identity-number"),
        ("c1", "身份证件号", "identity-number"),
        ("c1", "身份证件号（类型见身份证件类型码）", "identity-number"),
        ("身份证号", None, "identity-number"),
        ("sjh", None, "phone"),
        ("sjh2", None, "phone"),
        ("lxr_sjh", None, "phone"),
        ("mobilePhone", None, "phone"),
        ("sjh", "手机号码", "phone"),
        ("yhkh", None, "bank-account"),
        ("yhzh", "银行账号", "bank-account"),
        ("dz", None, "home-address"),
        ("address", "家庭地址", "home-address"),
        ("email", None, "email"),
        ("xm", "姓名", "person-name"),
        ("xm", None, "person-name"),
        # a comment that confirms the name, however short
        ("sjh", "手机", "phone"),
        ("zjhm", "证件号", "identity-number"),
        ("zjh", "证件号", "identity-number"),
        ("sfz", "证件", "identity-number"),
        ("dzxx", "电子信箱", "email"),
        ("yhzh", "发放账号", "bank-account"),
        ("hjdz", "户籍", "home-address"),
        ("dz", "地址", "home-address"),
        ("dz", "家庭详细地址", "home-address"),
        ("xm", "学生名", "person-name"),
        ("xm", "考生", "person-name"),
        ("csrq", "出生", "birth"),
        # the comment's first phrase ends with the word
        ("c1", "手机", "phone"),
        ("c1", "学生电话1", "phone"),
        ("c1", "（必填）家长手机，仅本人可见", "phone"),
        ("c1", "办公电话、手机号", "phone"),
        ("c1", "用人单位联系人电话", "phone"),
        ("c1", "邮箱", "email"),
        ("学生手机", None, "phone"),
        # what a copy or a disguise is called
        ("sfzh_bak", None, "identity-number"),
        ("sfzh_md5", None, "identity-number"),
        ("xs_sjh_old2", None, "phone"),
        # other ordinary names
        ("jhrdh", None, "phone"),
        ("jjlxrdh", None, "phone"),
        ("lxfs", None, "phone"),
        ("id_number", None, "identity-number"),
        ("cert_no", None, "identity-number"),
        ("bank_account", None, "bank-account"),
        ("hkszd", None, "home-address"),
        ("wxh", "微信号", "messenger"),
        ("c1", "QQ", "messenger"),
        ("csrq", None, "birth"),
        ("c1", "出生年月日", "birth"),
        ("jkzk", "健康状况", "health"),
        ("zjxym", None, "religion"),
        ("zp", "照片", "biometric"),
        ("c1", "人脸特征值", "biometric"),
        ("mz", "民族", "origin"),
        ("zzmmm", None, "origin"),
        ("c1", "籍贯", "origin"),
        ("cym", None, "person-name"),
        ("lxdh", "单位联系电话及本人手机号", "phone"),
        ("has_email", "学生邮箱", "email"),
    ],
)  # fmt: skip
def test_personal_columns_are_recognised(regulation: Regulation, name: str, comment: str | None, kind: str) -> None:
    assert regulation.personal is not None
    found = regulation.personal.kind_of(name, comment)
    assert found is not None and found.id == kind


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("xmbh", "项目编号"),
        ("xm", "项目"),
        ("sjh", "书架号"),
        ("zjh", "证书编号"),
        ("dz", "地址码表"),
        ("dzm", "地址码"),
        ("sfzjlx", "身份证件类型码"),
        ("zjlxm", "证件类型"),
        ("dzzh", "读者证号"),
        ("kh", "校园卡号"),
        ("zcdz", "注册地址"),
        ("dzid", None),
        ("sjhlx", None),
        ("mydz", None),
        ("asfzhb", None),
        ("email_sent_at", None),
        ("phone_model", None),
        ("automobile", "automobile"),
        ("bgdh", "办公电话"),
        ("txdz_lx", "通信地址类型"),
        # whether, not what
        ("is_mobile", None),
        ("isEmail", None),
        ("sf_sjh", None),
        ("c1", "是否绑定手机号"),
        ("sjh", "手机号是否验证"),
        ("sfz", "身份证是否核验"),
        ("是否绑定手机号", None),
        # an office's, a thing's
        ("server_email", None),
        ("tsg_dz", None),
        ("sb_dz", None),
        ("ip_dz", None),
        ("c1", "服务器邮箱地址"),
        ("c1", "招生联系电话"),
        ("c1", "办公室联系电话"),
        ("c1", "供应商联系电话"),
        ("lxdh", "单位联系电话"),
        ("email", "单位电子邮箱"),
        ("yhkh", "对公银行账号"),
        ("dz", "设备地址"),
        ("dz", "IP地址"),
        ("c1", "设备照片"),
        # what the comment says the name does not mean
        ("sfzh", "身份证件类型"),
        ("yhzh", "用户账号"),
        ("sjh", "收据号"),
        ("dz", "到账金额"),
        ("csrq", "测试日期"),
        ("zp", "总评成绩"),
        ("full_name", "机构全称"),
        # the word stands where it does not say what the column is
        ("c1", "手机型号"),
        ("c1", "电话会议时间"),
        ("tzfs", "通知方式（短信、电话、邮件）"),
        ("mc", "民族名称"),
        ("c1", "少数民族人数"),
        ("wxid", "维修编号"),
    ],
)
def test_what_only_looks_alike_is_not(regulation: Regulation, name: str, comment: str | None) -> None:
    assert regulation.personal is not None
    assert regulation.personal.kind_of(name, comment) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("emergency1Number1", "phone"),  # counters within a name
        ("parent2Phone1", "phone"),
        ("SSNNumber", "identity-number"),  # an abbreviation before a word
        ("emergencycontactphone", "phone"),  # words without a break
        ("guardianemailaddress", "email"),
        ("phone_home", "phone"),  # what comes after the word and says nothing of it
        ("password_hash", "credential"),
        ("fq_dh", "phone"),  # a word that is a person's where it follows one
        ("fqdh", "phone"),
        ("father_tel", "phone"),
        ("mail", "email"),
        ("nation_id", "origin"),  # a code of it
        ("ｅｍａｉｌ", "email"),  # full-width letters
    ],
)
def test_words_of_a_name_are_told_apart(regulation: Regulation, name: str, kind: str) -> None:
    assert regulation.personal is not None
    found = regulation.personal.kind_of(name)
    assert found is not None and found.id == kind


@pytest.mark.parametrize(
    "name",
    ["microphone", "iphone", "staff_city_mail", "gets_mail", "dwlxdh", "dw_lxdh", "company_email", "token_count",
     "password_policy", "password_changed_at", "keyboard", "primary_key", "username", "fingerprint",
     "idno" * 500 + "x"],
)  # fmt: skip
def test_names_that_only_look_alike_are_not(regulation: Regulation, name: str) -> None:
    assert regulation.personal is not None
    assert regulation.personal.kind_of(name) is None


@pytest.mark.parametrize(
    ("name", "comment", "kind"),
    [
        ("zjh", "周计划", None),  # the comment says something else
        ("mobile", "移动端样式", None),
        ("mobile", "必填", "phone"),  # it says nothing
        ("mobile", "手机号码段", "phone"),  # it does not disagree
        ("c1", "手\u200b机\u00ad号", "phone"),  # what cannot be seen parts no word
        ("c1", "ＱＱ号", "messenger"),
        ("c1", "内置类型：身份证、手机、邮箱", None),  # a list of options
        ("app_type", "手机，电脑", None),
        ("c1", "手机号（类型：个人、公用）", "phone"),
        ("c1", "密码", "credential"),
        ("c1", "数据库密码", "credential"),  # no matter whose
        ("c1", "密码更新时间", None),
        ("c1", "令牌有效期", None),
        ("c1", "公钥", None),
        ("c1", "信仰宗教码", "religion"),
        ("c1", "照片路径", "biometric"),
        ("c1", "资产照片", None),
        ("c1", "银行卡所属银行", None),
    ],
)
def test_a_comment_is_read_as_a_person_reads_it(
    regulation: Regulation, name: str, comment: str, kind: str | None
) -> None:
    assert regulation.personal is not None
    found = regulation.personal.kind_of(name, comment)
    assert (found and found.id) == kind


@pytest.mark.parametrize(
    ("name", "comment", "table", "kind"),
    [
        ("phone", None, ["jwxt.public.schools"], None),
        ("phone", None, ["sys_dept", "部门表"], None),
        ("lxdh", "联系电话", ["t_01", "供应商信息表"], None),
        ("contact_phone", None, ["suppliers"], "phone"),  # of a person among them
        ("c1", "负责人电话", ["t_01", "供应商信息表"], "phone"),
        ("c1", "负责人身份证号", ["t_01", "供应商信息表"], "identity-number"),
        ("c1", "登录密码", ["suppliers"], "credential"),
        ("phone", None, ["school_teachers"], "phone"),
        ("phone", None, ["dept_user"], "phone"),
        ("lxdh", "联系电话", ["t_01", "教室借用登记"], "phone"),
        ("name", None, ["students"], "person-name"),  # people's
        ("name", None, ["courses"], None),
        ("image", None, ["hr_employee"], "biometric"),
    ],
)
def test_the_table_tells_whose_it_is(
    regulation: Regulation, name: str, comment: str | None, table: list[str], kind: str | None
) -> None:
    assert regulation.personal is not None
    found = regulation.personal.kind_of(name, comment, table=table)
    assert (found and found.id) == kind


def test_content_without_hints_is_valid(home: Path) -> None:
    path = home / "glossary" / "personal.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("hints:")] + text[text.index("kinds:") :], encoding="utf-8")
    personal = load_content(home).regulation.personal

    assert personal is not None
    assert personal.kind_of("is_mobile") and personal.kind_of("sjh") and not personal.kind_of("sjh", "书架号")
